from django.apps import AppConfig


class SalesConfig(AppConfig):
    """Orders as lists; they lie in the analytical store, so the app has no tables."""

    name = "huitou.apps.sales"
    label = "sales"

    def ready(self) -> None:
        """Tell the fields."""
        from huitou.apps.base import fields
        from huitou.apps.sales.order_fields import ORDER_ENTRIES, regions

        fields.register(fields.Noun.ORDER, ORDER_ENTRIES)
        fields.provide(fields.Noun.ORDER, regions)
