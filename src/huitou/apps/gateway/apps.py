from django.apps import AppConfig


class GatewayConfig(AppConfig):
    name = "huitou.apps.gateway"
    label = "gateway"

    def ready(self) -> None:
        """Join the hooks that outside systems are told about."""
        from huitou.apps.base.hooks import Hook, register
        from huitou.apps.gateway import handlers

        register(Hook.MERGE, handlers.merge_told)
        register(Hook.SPLIT, handlers.split_told)
        register(Hook.UNDO, handlers.undo_told)
        register(Hook.IMPORT_ENDED, handlers.import_told)
