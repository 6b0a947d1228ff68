from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "huitou.apps.privacy"
    label = "privacy"
