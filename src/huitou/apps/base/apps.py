from django.apps import AppConfig


class BaseConfig(AppConfig):
    name = "huitou.apps.base"
    label = "base"
