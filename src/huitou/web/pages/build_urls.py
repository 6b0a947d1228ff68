from django.urls import path

from huitou.web.pages import builds

app_name = "builds"
urlpatterns = [
    path("builds", builds.builds, name="builds"),
    path("builds/jobs", builds.jobs, name="jobs"),
    path("builds/<int:number>", builds.build, name="build"),
]
