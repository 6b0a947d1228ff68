from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "huitou.apps.customers"
    label = "customers"

    def ready(self) -> None:
        """Join the hooks and tell the fields."""
        from huitou.apps.base import fields, sealed
        from huitou.apps.base.hooks import Hook, register
        from huitou.apps.customers.events import purchases
        from huitou.apps.customers.fields import ENTRIES, regions
        from huitou.apps.customers.handlers import file_copy, file_erase
        from huitou.apps.customers.models import Person
        from huitou.apps.customers.profiles import profile_context

        sealed.register(Person, "profile", fields=("pk",), context=profile_context)
        register(Hook.ERASE, file_erase)
        register(Hook.PERSON_COPY, file_copy)
        fields.register(fields.Noun.CUSTOMER, ENTRIES)
        fields.provide(fields.Noun.CUSTOMER, regions)
        fields.provide_events(fields.Noun.CUSTOMER, purchases)
