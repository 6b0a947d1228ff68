from django.apps import AppConfig


class ProductsConfig(AppConfig):
    name = "huitou.apps.products"
    label = "products"
