from django.apps import AppConfig


class BuildsConfig(AppConfig):
    name = "huitou.apps.builds"
    label = "builds"
