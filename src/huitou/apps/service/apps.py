from django.apps import AppConfig


class ServiceConfig(AppConfig):
    name = "huitou.apps.service"
    label = "service"
