from django.urls import path

from huitou.web.pages import stale

app_name = "quality"
urlpatterns = [
    path("customers/stale", stale.stale, name="stale"),
    path("customers/stale/export", stale.stale_export, name="stale_export"),
]
