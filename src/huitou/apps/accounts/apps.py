from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "huitou.apps.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Name the encrypted column."""
        from huitou.apps.accounts.models import User
        from huitou.apps.accounts.services.second_factor import secret_context
        from huitou.apps.base import sealed

        sealed.register(User, "totp_secret", fields=("pk",), context=secret_context)
