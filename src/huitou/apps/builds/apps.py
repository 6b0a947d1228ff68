from django.apps import AppConfig


class BuildsConfig(AppConfig):
    name = "huitou.apps.builds"
    label = "builds"

    def ready(self) -> None:
        """Join the hook of an undone import."""
        from huitou.apps.base.hooks import Hook, register
        from huitou.apps.builds.services.withdraw import base_plan

        register(Hook.BATCHES_WITHDRAWN, base_plan)
