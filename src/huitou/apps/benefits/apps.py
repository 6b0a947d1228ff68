from django.apps import AppConfig


class BenefitsConfig(AppConfig):
    name = "huitou.apps.benefits"
    label = "benefits"

    def ready(self) -> None:
        """Join the hooks."""
        from huitou.apps.base.hooks import Hook, register
        from huitou.apps.benefits import handlers

        for hook in (Hook.MERGE, Hook.SPLIT, Hook.UNDO):
            register(hook, handlers.coupons_follow)
        register(Hook.ERASE, handlers.person_erased)
        register(Hook.PERSON_COPY, handlers.person_copied)
