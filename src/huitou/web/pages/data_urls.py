from django.urls import path

from huitou.web.pages import data

app_name = "data"
urlpatterns = [
    path("", data.data, name="data"),
    path("/quarantine", data.quarantine, name="quarantine"),
    path("/origins", data.origins, name="origins"),
]
