from django.apps import AppConfig


class BehaviourConfig(AppConfig):
    name = "huitou.apps.behaviour"
    label = "behaviour"

    def ready(self) -> None:
        """Join the hooks and tell the fields."""
        from huitou.apps.base import fields, sealed
        from huitou.apps.base.hooks import Hook, register
        from huitou.apps.behaviour import services
        from huitou.apps.behaviour.events import done
        from huitou.apps.behaviour.fields import ENTRIES
        from huitou.apps.behaviour.models import BehaviourEvent
        from huitou.apps.behaviour.texts import text_context

        sealed.register(BehaviourEvent, "text", fields=("pk",), context=text_context)
        register(Hook.BATCH_LANDED, services.events_apply)
        register(Hook.BATCHES_APPLIED, services.events_settle)
        register(Hook.BATCHES_WITHDRAWN, services.events_withdraw)
        for hook in (Hook.MERGE, Hook.SPLIT, Hook.UNDO):
            register(hook, services.events_follow)
        register(Hook.ERASE, services.events_erase)
        register(Hook.PERSON_COPY, services.person_copied)
        fields.register(fields.Noun.CUSTOMER, ENTRIES)
        fields.provide_events(fields.Noun.CUSTOMER, done)
