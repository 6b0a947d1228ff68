from django.apps import AppConfig


class SegmentsConfig(AppConfig):
    name = "huitou.apps.segments"
    label = "segments"

    def ready(self) -> None:
        """Join the hooks and tell the field."""
        from huitou.apps.base import fields
        from huitou.apps.base.hooks import Hook, register
        from huitou.apps.segments import handlers
        from huitou.apps.segments.fields import look_alike_ranks, memberships

        register(Hook.FACTS_PUBLISHED, handlers.facts_published)
        register(Hook.VALUE_COMPUTED, handlers.value_computed)
        register(Hook.ERASE, handlers.person_erased)
        register(Hook.PERSON_COPY, handlers.person_copied)
        fields.provide(fields.Noun.CUSTOMER, memberships)
        fields.provide(fields.Noun.CUSTOMER, look_alike_ranks)
