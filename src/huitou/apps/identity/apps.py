from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "huitou.apps.identity"
    label = "identity"

    def ready(self) -> None:
        """Join the hooks."""
        from huitou.apps.base.hooks import Hook, register
        from huitou.apps.identity.services import records_apply

        register(Hook.BATCH_LANDED, records_apply)
