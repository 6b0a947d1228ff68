from django.apps import AppConfig


class ProductsConfig(AppConfig):
    name = "huitou.apps.products"
    label = "products"

    def ready(self) -> None:
        from huitou.apps.base import hooks
        from huitou.apps.products.services import dimensions_apply

        hooks.register(hooks.Hook.BATCH_LANDED, dimensions_apply)
