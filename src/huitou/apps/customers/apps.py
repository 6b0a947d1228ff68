from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "huitou.apps.customers"
    label = "customers"

    def ready(self) -> None:
        """Join the hooks."""
        from huitou.apps.base import sealed
        from huitou.apps.base.hooks import Hook, register
        from huitou.apps.customers.handlers import file_copy, file_erase
        from huitou.apps.customers.models import Person
        from huitou.apps.customers.profiles import profile_context

        sealed.register(Person, "profile", fields=("pk",), context=profile_context)
        register(Hook.ERASE, file_erase)
        register(Hook.PERSON_COPY, file_copy)
