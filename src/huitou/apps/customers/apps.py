from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "huitou.apps.customers"
    label = "customers"
