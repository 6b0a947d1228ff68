from django.urls import path

from huitou.web.pages import associations

app_name = "associations"
urlpatterns = [
    path("value/associations", associations.associations, name="list"),
    path("value/associations/<slug:level>/thresholds", associations.thresholds, name="thresholds"),
]
