from django.urls import path

from huitou.web.pages import components, frame

app_name = "system"
urlpatterns = [
    path("find", frame.find, name="find"),
    path("notices", frame.bell, name="notices"),
    path("system/components", components.components, name="components"),
    path("system/components/toast", components.components_toast, name="components-toast"),
]
