from django.urls import path

from huitou.web.pages import builds

app_name = "builds"
urlpatterns = [
    path("", builds.builds, name="builds"),
    path("/jobs", builds.jobs, name="jobs"),
    path("/<int:number>", builds.build, name="build"),
]
