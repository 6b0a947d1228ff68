from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "huitou.apps.privacy"
    label = "privacy"

    def ready(self) -> None:
        """Join the hooks: consent follows the person."""
        from huitou.apps.base.hooks import Hook, register
        from huitou.apps.privacy import consent, erasures

        for hook in (Hook.MERGE, Hook.SPLIT, Hook.UNDO):
            register(hook, consent.consents_follow)
        register(Hook.GRANTING, consent.granting)
        register(Hook.PERSON_COPY, consent.consent_copy)
        register(Hook.PERSON_COPY, erasures.erasures_copy)
        register(Hook.ERASE, consent.consents_erase)
