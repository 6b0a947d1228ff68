from django.apps import AppConfig


class RelationsConfig(AppConfig):
    name = "huitou.apps.relations"
    label = "relations"

    def ready(self) -> None:
        """Join the hooks and tell the fields."""
        from huitou.apps.base import fields
        from huitou.apps.base.hooks import Hook, register
        from huitou.apps.relations import handlers
        from huitou.apps.relations.fields import ENTRIES, relation_fields

        register(Hook.BATCH_LANDED, handlers.batch_landed)
        register(Hook.BATCHES_WITHDRAWN, handlers.batches_withdrawn)
        register(Hook.HOLDINGS_CHANGED, handlers.holdings_changed)
        register(Hook.BATCHES_APPLIED, handlers.batches_applied)
        register(Hook.FACTS_PUBLISHED, handlers.facts_published)
        for hook in (Hook.MERGE, Hook.SPLIT, Hook.UNDO):
            register(hook, handlers.person_changed)
        register(Hook.ERASE, handlers.person_erased)
        register(Hook.PERSON_COPY, handlers.person_copied)
        fields.register(fields.Noun.CUSTOMER, ENTRIES)
        fields.provide(fields.Noun.CUSTOMER, relation_fields)
