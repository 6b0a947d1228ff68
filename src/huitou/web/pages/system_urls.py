from django.urls import path

from huitou.web.pages import components

app_name = "system"
urlpatterns = [
    path("system/components", components.components, name="components"),
    path("system/components/toast", components.components_toast, name="components-toast"),
]
