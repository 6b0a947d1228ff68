from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "huitou.apps.intake"
    label = "intake"
