from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "huitou.apps.identity"
    label = "identity"
