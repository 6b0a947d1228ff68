"""Keep a person's preferences."""

from django.conf import settings

from huitou.apps.accounts.models import User

THEMES = ("auto", "light", "dark")
DENSITIES = ("compact", "standard", "relaxed")
SIDES = ("full", "icons")


class UnknownPreference(ValueError):
    """A preference outside its choices."""


def preferences_set(
    user: User,
    *,
    language: str | None = None,
    theme: str | None = None,
    density: str | None = None,
    side: str | None = None,
) -> None:
    """Remember how a person wants to see the screens; None leaves a choice as it is. Raises UnknownPreference."""
    choices = {
        "language": (language, [code for code, _name in settings.LANGUAGES]),
        "theme": (theme, THEMES),
        "density": (density, DENSITIES),
        "side": (side, SIDES),
    }
    wanted = {field: (value, known) for field, (value, known) in choices.items() if value is not None}
    for field, (value, known) in wanted.items():
        if value not in known:
            raise UnknownPreference(f"{field} must be one of {', '.join(known)}, got {value!r}")
        setattr(user, field, value)
    user.save(update_fields=list(wanted))
