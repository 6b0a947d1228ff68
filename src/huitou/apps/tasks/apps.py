from django.apps import AppConfig


class TasksConfig(AppConfig):
    name = "huitou.apps.tasks"
    label = "tasks"

    def ready(self) -> None:
        """Join the hooks and tell the fields."""
        from huitou.apps.base import fields
        from huitou.apps.base.hooks import Hook, register
        from huitou.apps.tasks import handlers
        from huitou.apps.tasks.fields import task_fields

        for hook in (Hook.MERGE, Hook.SPLIT, Hook.UNDO):
            register(hook, handlers.tasks_follow)
        register(Hook.VALUES_VERIFIED, handlers.values_verified)
        register(Hook.ERASE, handlers.person_erased)
        register(Hook.PERSON_COPY, handlers.person_copied)
        fields.provide(fields.Noun.TASK, task_fields)
