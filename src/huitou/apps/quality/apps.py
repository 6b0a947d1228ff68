from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "huitou.apps.quality"
    label = "quality"
