from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "huitou.apps.identity"
    label = "identity"

    def ready(self) -> None:
        """Join the hooks."""
        from huitou.apps.base import sealed
        from huitou.apps.base.fields import Noun, provide
        from huitou.apps.base.hooks import Hook, register
        from huitou.apps.identity.component import hub_context
        from huitou.apps.identity.content import content_context
        from huitou.apps.identity.corrections import correction_context
        from huitou.apps.identity.fields import import_fields
        from huitou.apps.identity.models import Correction, HubValue, MatcherModel, SourceRecord
        from huitou.apps.identity.person_parts import identity_copy, person_records, persons_holding
        from huitou.apps.identity.services import records_apply, records_erase, records_settle, records_withdraw
        from huitou.apps.identity.weights import model_context

        sealed.register(SourceRecord, "fields", fields=("pk",), context=content_context)
        sealed.register(HubValue, "value", fields=("kind_code", "value_hash"), context=hub_context)
        sealed.register(Correction, "value", fields=("record_id", "field_code"), context=correction_context)
        sealed.register(MatcherModel, "content", fields=(), context=model_context)
        provide(Noun.CUSTOMER, import_fields)
        register(Hook.BATCH_LANDED, records_apply)
        register(Hook.BATCHES_STORED, records_settle)
        register(Hook.BATCHES_WITHDRAWN, records_withdraw)
        register(Hook.PERSON_RECORDS, person_records)
        register(Hook.RECORDS_FOUND, persons_holding)
        register(Hook.PERSON_COPY, identity_copy)
        register(Hook.ERASE, records_erase)
