from django.urls import path

from huitou.web.pages import lists

app_name = "lists"
urlpatterns = [
    path("lists/<slug:noun>/columns", lists.columns, name="columns"),
]
