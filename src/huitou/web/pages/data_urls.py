from django.urls import path

from huitou.web.pages import batches, data, refused
from huitou.web.pages.completeness import completeness

app_name = "data"
urlpatterns = [
    path("data", data.data, name="data"),
    path("data/completeness", completeness, name="completeness"),
    path("data/batches", batches.batches, name="batches"),
    path("data/batches/<int:batch_id>", batches.batch, name="batch"),
    path("data/quarantine", batches.quarantine, name="quarantine"),
    path("data/quarantine/<int:group_id>", refused.refused, name="quarantine_group"),
    path("data/origins", data.origins, name="origins"),
]
