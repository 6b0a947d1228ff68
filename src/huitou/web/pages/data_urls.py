from django.urls import path

from huitou.web.pages import data
from huitou.web.pages.completeness import completeness

app_name = "data"
urlpatterns = [
    path("data", data.data, name="data"),
    path("data/completeness", completeness, name="completeness"),
    path("data/quarantine", data.quarantine, name="quarantine"),
    path("data/origins", data.origins, name="origins"),
]
