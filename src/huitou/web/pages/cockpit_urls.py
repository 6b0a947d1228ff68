from django.urls import path

from huitou.web.pages import cockpit

app_name = "cockpit"
urlpatterns = [path("cockpit", cockpit.cockpit, name="cockpit")]
