from django.apps import AppConfig


class SalesConfig(AppConfig):
    """Orders, and products with what they brought, as lists; both lie in the analytical store, so the app has no tables."""

    name = "huitou.apps.sales"
    label = "sales"

    def ready(self) -> None:
        """Tell the fields."""
        from huitou.apps.base import fields
        from huitou.apps.sales.order_fields import ORDER_ENTRIES, regions
        from huitou.apps.sales.product_fields import PRODUCT_ENTRIES, costs, departments

        fields.register(fields.Noun.ORDER, ORDER_ENTRIES)
        fields.provide(fields.Noun.ORDER, regions)
        fields.register(fields.Noun.PRODUCT, PRODUCT_ENTRIES)
        fields.provide(fields.Noun.PRODUCT, departments)
        fields.provide(fields.Noun.PRODUCT, costs)
