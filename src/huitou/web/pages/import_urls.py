from django.urls import path

from huitou.web.pages import import_find, imports

app_name = "imports"
urlpatterns = [
    path("imports", imports.import_list, name="list"),
    path("imports/new", imports.import_new, name="new"),
    path("imports/<int:import_id>", imports.import_page, name="import"),
    path("imports/<int:import_id>/find", import_find.import_find, name="find"),
    path("imports/<int:import_id>/map", imports.import_map, name="map"),
    path("imports/<int:import_id>/start", imports.import_start, name="start"),
    path("imports/<int:import_id>/progress", imports.import_progress, name="progress"),
    path("imports/<int:import_id>/errors", imports.import_errors, name="errors"),
    path("imports/<int:import_id>/mend", imports.import_mend, name="mend"),
    path("imports/<int:import_id>/undo", imports.import_undo, name="undo"),
]
