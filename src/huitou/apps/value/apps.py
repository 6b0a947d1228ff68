from django.apps import AppConfig


class ValueConfig(AppConfig):
    name = "huitou.apps.value"
    label = "value"

    def ready(self) -> None:
        """Join the hooks and offer the fields."""
        from huitou.apps.base import fields, sealed
        from huitou.apps.base.hooks import Hook, register
        from huitou.apps.quality import stale
        from huitou.apps.value import handlers, stale_tags
        from huitou.apps.value.fields import (
            ENTRIES,
            cluster_field,
            demographic_fields,
            inferred_fields,
            tag_fields,
            tier_fields,
            top_list_field,
        )
        from huitou.apps.value.models import PersonTag
        from huitou.apps.value.services.tags import note_context

        stale.provide(stale_tags)
        sealed.register(PersonTag, "note", fields=("pk",), context=note_context)
        register(Hook.FACTS_PUBLISHED, handlers.facts_published)
        register(Hook.VALUE_COMPUTED, handlers.value_computed)
        register(Hook.ERASE, handlers.person_erased)
        register(Hook.PERSON_COPY, handlers.person_copied)
        register(Hook.PERSON_COPY, handlers.forecast_copied)
        register(Hook.PERSON_COPY, handlers.tags_copied)
        register(Hook.PERSON_COPY, handlers.inferred_copied)
        register(Hook.PERSON_COPY, handlers.cluster_copied)
        for hook in (Hook.MERGE, Hook.SPLIT, Hook.UNDO):
            register(hook, handlers.tags_follow)
            register(hook, handlers.derived_drop)
        fields.register(fields.Noun.CUSTOMER, ENTRIES)
        fields.provide(fields.Noun.CUSTOMER, tier_fields)
        fields.provide(fields.Noun.CUSTOMER, tag_fields)
        fields.provide(fields.Noun.CUSTOMER, top_list_field)
        fields.provide(fields.Noun.CUSTOMER, demographic_fields)
        fields.provide(fields.Noun.CUSTOMER, inferred_fields)
        fields.provide(fields.Noun.CUSTOMER, cluster_field)
