from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "huitou.apps.customers"
    label = "customers"

    def ready(self) -> None:
        """Join the hooks."""
        from huitou.apps.base.hooks import Hook, register
        from huitou.apps.customers.handlers import file_copy, file_erase

        register(Hook.ERASE, file_erase)
        register(Hook.PERSON_COPY, file_copy)
