from django.apps import AppConfig


class ServiceConfig(AppConfig):
    name = "huitou.apps.service"
    label = "service"

    def ready(self) -> None:
        """Join the hooks."""
        from huitou.apps.base.hooks import Hook, register
        from huitou.apps.service import services

        register(Hook.BATCH_LANDED, services.tickets_apply)
        register(Hook.BATCHES_WITHDRAWN, services.tickets_withdraw)
        register(Hook.BATCHES_APPLIED, services.tickets_settle)
        for hook in (Hook.MERGE, Hook.SPLIT, Hook.UNDO):
            register(hook, services.tickets_follow)
        register(Hook.ERASE, services.tickets_erase)
        register(Hook.PERSON_COPY, services.person_copied)
