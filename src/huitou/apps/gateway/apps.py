from django.apps import AppConfig


class GatewayConfig(AppConfig):
    name = "huitou.apps.gateway"
    label = "gateway"

    def ready(self) -> None:
        """Join the hooks that outside systems are told about."""
        from huitou.apps.base import sealed
        from huitou.apps.base.hooks import Hook, register
        from huitou.apps.gateway import handlers
        from huitou.apps.gateway.models import WebhookEndpoint
        from huitou.apps.gateway.services.webhooks import secret_context

        sealed.register(WebhookEndpoint, "secret", fields=("pk",), context=secret_context)

        register(Hook.MERGE, handlers.merge_told)
        register(Hook.SPLIT, handlers.split_told)
        register(Hook.UNDO, handlers.undo_told)
        register(Hook.IMPORT_ENDED, handlers.import_told)
