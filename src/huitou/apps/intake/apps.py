from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "huitou.apps.intake"
    label = "intake"

    def ready(self) -> None:
        """Join the hook of an erasure: the landing forgets the person's records too; tell the fields."""
        from huitou.apps.base import fields, sealed
        from huitou.apps.base.hooks import Hook, register
        from huitou.apps.intake.fields import batch_fields, quarantine_fields
        from huitou.apps.intake.inbox import page_context
        from huitou.apps.intake.models import InboxPage, SourceConfig
        from huitou.apps.intake.services.erase import landing_forget
        from huitou.apps.intake.sources import settings_context

        sealed.register(InboxPage, "content", fields=("source_code", "idempotency_key"), context=page_context)
        sealed.register(SourceConfig, "settings", fields=("code",), context=settings_context)

        register(Hook.ERASE_FILES, landing_forget)
        fields.provide(fields.Noun.BATCH, batch_fields)
        fields.provide(fields.Noun.QUARANTINE, quarantine_fields)
