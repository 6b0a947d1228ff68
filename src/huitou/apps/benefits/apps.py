from django.apps import AppConfig


class BenefitsConfig(AppConfig):
    name = "huitou.apps.benefits"
    label = "benefits"

    def ready(self) -> None:
        """Join the hooks and tell the fields."""
        from huitou.apps.base import fields
        from huitou.apps.base.hooks import Hook, register
        from huitou.apps.benefits import handlers
        from huitou.apps.benefits.fields import KIND_ENTRIES, coupon_fields

        for hook in (Hook.MERGE, Hook.SPLIT, Hook.UNDO):
            register(hook, handlers.coupons_follow)
        register(Hook.ERASE, handlers.person_erased)
        register(Hook.PERSON_COPY, handlers.person_copied)
        fields.provide(fields.Noun.COUPON, coupon_fields)
        fields.register(fields.Noun.COUPON_KIND, KIND_ENTRIES)
