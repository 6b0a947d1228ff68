from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "huitou.apps.accounts"
    label = "accounts"
