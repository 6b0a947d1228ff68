from django.urls import path

from huitou.web.pages import tag_changes, tags

app_name = "tags"
urlpatterns = [
    path("tags", tags.tags, name="list"),
    path("tags/export", tags.tags_export, name="export"),
    path("tags/new", tags.tag_new, name="new"),
    path("tags/formula/<slug:code>", tags.formula_save, name="formula"),
    path("tags/inference/<slug:code>", tags.inference, name="inference"),
    path("tags/scenarios", tags.scenarios, name="scenarios"),
    path("tags/scenarios/keep", tags.scenario_keep, name="scenario_keep"),
    path("tags/changes/<int:change_id>", tag_changes.change_part, name="change"),
    path("tags/changes/<int:change_id>/resume", tag_changes.change_resume, name="resume"),
    path("tags/changes/<int:change_id>/undo", tag_changes.change_undo, name="undo"),
    path("customers/<int:person_id>/tags", tags.tag_on, name="on"),
    path("customers/<int:person_id>/tags/<int:tag_id>/restore", tags.tag_back, name="restore"),
    path("customers/<int:person_id>/interest", tags.interest, name="interest"),
    path("customers/<int:person_id>/tags/<int:tag_id>/off", tags.tag_off, name="off"),
]
