from django.apps import AppConfig


class RecommendConfig(AppConfig):
    name = "huitou.apps.recommend"
    label = "recommend"

    def ready(self) -> None:
        """Join the hooks and tell the field."""
        from huitou.apps.base import fields
        from huitou.apps.base.hooks import Hook, register
        from huitou.apps.recommend import handlers
        from huitou.apps.recommend.fields import next_category

        register(Hook.VALUE_COMPUTED, handlers.value_computed)
        register(Hook.ERASE, handlers.person_erased)
        register(Hook.PERSON_COPY, handlers.person_copied)
        for hook in (Hook.MERGE, Hook.SPLIT, Hook.UNDO):
            register(hook, handlers.withheld_follow)
        fields.provide(fields.Noun.CUSTOMER, next_category)
