from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "huitou.apps.intake"
    label = "intake"

    def ready(self) -> None:
        """Join the hook of an erasure: the landing forgets the person's records too."""
        from huitou.apps.base.hooks import Hook, register
        from huitou.apps.intake.services.erase import landing_forget

        register(Hook.ERASE_FILES, landing_forget)
