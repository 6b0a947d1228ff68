from django.urls import path

from huitou.web.pages import look_alike

app_name = "look_alike"
urlpatterns = [
    path("segments/look-alike", look_alike.look_alikes, name="list"),
    path("segments/look-alike/ask", look_alike.ask, name="ask"),
    path("segments/look-alike/<int:look_alike_id>/segment", look_alike.keep, name="keep"),
]
