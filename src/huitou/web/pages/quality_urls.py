from django.urls import path

from huitou.web.pages import stale

app_name = "quality"
urlpatterns = [
    path("customers/stale", stale.stale, name="stale"),
    path("customers/stale/export", stale.stale_export, name="stale_export"),
    path("customers/<int:person_id>/fields/<slug:field_code>/confirm", stale.confirm, name="confirm"),
    path("customers/<int:person_id>/tags/<int:tag_id>/confirm", stale.tag_confirm, name="tag_confirm"),
]
