from django.apps import AppConfig


class AttributesConfig(AppConfig):
    name = "huitou.apps.attributes"
    label = "attributes"

    def ready(self) -> None:
        """Join the hooks and the field registry."""
        from huitou.apps.attributes import fields, handlers
        from huitou.apps.attributes.models import AttributeValue
        from huitou.apps.attributes.values import value_context
        from huitou.apps.base import fields as registry
        from huitou.apps.base import sealed
        from huitou.apps.base.hooks import Hook, register

        sealed.register(AttributeValue, "sealed", fields=("attribute_id", "record_id"), context=value_context)
        registry.provide(registry.Noun.CUSTOMER, fields.custom_fields)
        register(Hook.BATCH_LANDED, handlers.observations_apply)
        register(Hook.BATCHES_APPLIED, handlers.observations_settle)
        register(Hook.BATCHES_WITHDRAWN, handlers.observations_withdraw)
        for hook in (Hook.MERGE, Hook.SPLIT, Hook.UNDO):
            register(hook, handlers.observations_follow)
        register(Hook.ERASE, handlers.observations_erase)
        register(Hook.PERSON_COPY, handlers.person_copied)
