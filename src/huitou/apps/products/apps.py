from django.apps import AppConfig


class ProductsConfig(AppConfig):
    name = "huitou.apps.products"
    label = "products"

    def ready(self) -> None:
        """Join the hooks and tell the fields."""
        from huitou.apps.base import fields, hooks
        from huitou.apps.products.fields import store_fields
        from huitou.apps.products.services import dimensions_apply

        hooks.register(hooks.Hook.BATCH_LANDED, dimensions_apply)
        fields.provide(fields.Noun.STORE, store_fields)
