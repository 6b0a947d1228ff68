from django.urls import path

from huitou.web.pages import value

app_name = "value"
urlpatterns = [
    path("value", value.value, name="value"),
    path("value/cross", value.cross, name="cross"),
]
