from django.urls import path

from huitou.web.pages import data

app_name = "data"
urlpatterns = [
    path("data", data.data, name="data"),
    path("data/quarantine", data.quarantine, name="quarantine"),
    path("data/origins", data.origins, name="origins"),
]
