from django.apps import AppConfig


class BaseConfig(AppConfig):
    name = "huitou.apps.base"
    label = "base"

    def ready(self) -> None:
        """Make the lookup `in_list` known to every model."""
        from huitou.apps.base import lookups  # noqa: F401 - registers itself
