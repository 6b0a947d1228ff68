from django.apps import AppConfig


class RelationsConfig(AppConfig):
    name = "huitou.apps.relations"
    label = "relations"

    def ready(self) -> None:
        """Join the hooks."""
        from huitou.apps.base.hooks import Hook, register
        from huitou.apps.relations import handlers

        register(Hook.BATCH_LANDED, handlers.batch_landed)
        register(Hook.BATCHES_WITHDRAWN, handlers.batches_withdrawn)
        register(Hook.HOLDINGS_CHANGED, handlers.holdings_changed)
        register(Hook.BATCHES_APPLIED, handlers.batches_applied)
        register(Hook.FACTS_PUBLISHED, handlers.facts_published)
        for hook in (Hook.MERGE, Hook.SPLIT, Hook.UNDO):
            register(hook, handlers.person_changed)
        register(Hook.ERASE, handlers.person_erased)
        register(Hook.PERSON_COPY, handlers.person_copied)
