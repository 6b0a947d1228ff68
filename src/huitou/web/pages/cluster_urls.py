from django.urls import path

from huitou.web.pages import clusters

app_name = "clusters"
urlpatterns = [
    path("value/clusters", clusters.clusters, name="clusters"),
    path("value/clusters/<int:number>/segment", clusters.to_segment, name="to_segment"),
]
