from django.urls import path

from huitou.web.pages import list_bulk, list_editor, list_parts, list_place, lists

app_name = "lists"
urlpatterns = [
    path("lists/<slug:noun>/bulk", list_bulk.bulk, name="bulk"),
    path("lists/<slug:noun>/columns", lists.columns, name="columns"),
    path("lists/<slug:noun>/editor", list_editor.editor, name="editor"),
    path("lists/<slug:noun>/export", list_bulk.export, name="export"),
    path("lists/<slug:noun>/parts", list_parts.parts, name="parts"),
    path("lists/<slug:noun>/place", list_place.place, name="place"),
    path("lists/<slug:noun>/views", lists.view_keep, name="view_keep"),
    path("lists/<slug:noun>/views/<int:view_id>", lists.view_open, name="view"),
    path("lists/<slug:noun>/views/<int:view_id>/act", lists.view_act, name="view_act"),
]
