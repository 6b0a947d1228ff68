from django.urls import path

from huitou.web.pages import churn, paths, serving, value

app_name = "value"
urlpatterns = [
    path("value", value.value, name="value"),
    path("value/cross", value.cross, name="cross"),
    path("value/churn", churn.churn, name="churn"),
    path("value/paths", paths.paths, name="paths"),
    path("value/serving", serving.serving, name="serving"),
    path("value/serving/costs", serving.costs, name="unit_costs"),
]
