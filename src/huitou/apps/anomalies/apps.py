from django.apps import AppConfig


class AnomaliesConfig(AppConfig):
    name = "huitou.apps.anomalies"
    label = "anomalies"

    def ready(self) -> None:
        """Join the hooks."""
        from huitou.apps.anomalies import handlers
        from huitou.apps.base.hooks import Hook, register

        register(Hook.VALUE_COMPUTED, handlers.value_computed)
        register(Hook.ERASE, handlers.person_erased)
        register(Hook.PERSON_COPY, handlers.person_copied)
