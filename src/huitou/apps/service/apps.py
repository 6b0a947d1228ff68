from django.apps import AppConfig


class ServiceConfig(AppConfig):
    name = "huitou.apps.service"
    label = "service"

    def ready(self) -> None:
        """Join the hooks and tell the events."""
        from functools import partial

        from huitou.apps.base import fields, sealed
        from huitou.apps.base.hooks import Hook, register
        from huitou.apps.service import services
        from huitou.apps.service.events import tickets
        from huitou.apps.service.models import Ticket
        from huitou.apps.service.texts import TEXT_FIELDS, text_context

        for text_field in TEXT_FIELDS:
            sealed.register(Ticket, text_field, fields=("pk",), context=partial(text_context, field=text_field))
        register(Hook.BATCH_LANDED, services.tickets_apply)
        register(Hook.BATCHES_WITHDRAWN, services.tickets_withdraw)
        register(Hook.BATCHES_APPLIED, services.tickets_settle)
        for hook in (Hook.MERGE, Hook.SPLIT, Hook.UNDO):
            register(hook, services.tickets_follow)
        register(Hook.ERASE, services.tickets_erase)
        register(Hook.PERSON_COPY, services.person_copied)
        fields.provide_events(fields.Noun.CUSTOMER, tickets)
