from django.urls import path

from huitou.web.pages import segment_comparison, segment_reach, segments

app_name = "segments"
urlpatterns = [
    path("segments", segments.segments, name="list"),
    path("segments/new", segments.new, name="new"),
    path("segments/live", segments.live, name="live"),
    path("segments/reach", segment_reach.reach, name="reach"),
    path("segments/why", segments.why, name="why"),
    path("segments/<int:segment_id>", segments.segment, name="segment"),
    path("segments/<int:segment_id>/archive", segments.archive, name="archive"),
    path("segments/<int:segment_id>/comparison", segment_comparison.comparison, name="comparison"),
    path("segments/<int:segment_id>/compare", segment_comparison.compare, name="compare"),
]
