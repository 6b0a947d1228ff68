from django.urls import path

from huitou.web.pages import tags

app_name = "tags"
urlpatterns = [
    path("tags", tags.tags, name="list"),
    path("tags/export", tags.tags_export, name="export"),
    path("tags/new", tags.tag_new, name="new"),
    path("tags/formula/<slug:code>", tags.formula_save, name="formula"),
    path("customers/<int:person_id>/interest", tags.interest, name="interest"),
    path("customers/<int:person_id>/tags/<int:tag_id>/off", tags.tag_off, name="off"),
]
