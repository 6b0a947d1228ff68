from django.urls import path

from huitou.web.pages import sources

app_name = "sources"
urlpatterns = [
    path("sources", sources.source_list, name="list"),
    path("sources/new/<slug:connection>", sources.source_new, name="new"),
    path("sources/<slug:code>/columns", sources.source_map, name="map"),
    path("sources/<slug:code>/switch", sources.source_switch, name="switch"),
]
