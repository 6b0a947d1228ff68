"""Who sees which personal value whole, who may reveal one and how often; how a search text is read. Rules as tables."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from huitou.apps.accounts.roles import Role
from huitou.core.identity.names import initials, is_full_name, name_core, surname
from huitou.core.identity.normalise import card, email, phone

PERSONAL_FIELDS = ("name", "phone", "member_card", "wx_openid", "wx_unionid", "email", "gender", "birthday", "address")

# Everything else is masked until it is revealed.
WHOLE_FIELDS: Mapping[str, frozenset[str]] = {
    Role.GUIDE: frozenset({"name", "gender"}),
    Role.STORE_MANAGER: frozenset({"name", "gender"}),
    Role.REGION_MANAGER: frozenset({"name", "gender"}),
    Role.AGENT: frozenset({"name", "gender"}),
    Role.CASHIER: frozenset({"gender"}),
}
WHOLE_FOR_ALL = frozenset({"gender"})


@dataclass(frozen=True, slots=True)
class RevealRule:
    """One role may uncover these fields, one at a time, at most so often in any hour."""

    role_code: str
    fields: frozenset[str]
    per_hour: int


_CONTACT = frozenset({"name", "phone", "email", "birthday", "address", "member_card"})
REVEAL_RULES: Mapping[str, RevealRule] = {
    rule.role_code: rule
    for rule in (
        RevealRule(Role.GUIDE, _CONTACT, 30),
        RevealRule(Role.STORE_MANAGER, _CONTACT, 60),
        RevealRule(Role.REGION_MANAGER, _CONTACT, 60),
        RevealRule(Role.AGENT, _CONTACT, 60),
        RevealRule(Role.ADMIN, _CONTACT | {"wx_openid", "wx_unionid"}, 60),
    )
}


def whole_fields(role_code: str) -> frozenset[str]:
    """Return the fields a role sees without a mask."""
    return WHOLE_FIELDS.get(role_code, WHOLE_FOR_ALL)


@dataclass(frozen=True, slots=True)
class SearchForm:
    """A kind of search key: how it is cut from a stored value, and how a typed text becomes one (None: it is none)."""

    kind: str
    of: str  # phone, card, email, name
    stored: Callable[[str], str | None]
    typed: Callable[[str], str | None]


def _tail(value: str) -> str | None:
    return value[-4:] if len(value) > 4 else None


def _typed_digits(text: str) -> str | None:
    return text if len(text) == 4 and text.isascii() and text.isdigit() else None


def _typed_card_tail(text: str) -> str | None:
    plain = text.upper()
    return plain if len(plain) == 4 and plain.isascii() and plain.isalnum() and any(sign.isdigit() for sign in plain) else None


def _typed_card(text: str) -> str | None:
    value = card(text)
    return value if value is not None and len(value) > 4 else None


def _full_name(text: str) -> str | None:
    name = name_core(text)
    return name.lower() if name is not None and len(name) > 1 else None


def _stored_surname(value: str) -> str | None:
    return surname(value) if is_full_name(value) else surname(value) if len(value) == 1 else None


def _typed_surname(text: str) -> str | None:
    return text if surname(text) == text else None


def _stored_initials(value: str) -> str | None:
    return initials(value) if is_full_name(value) else None


def _typed_initials(text: str) -> str | None:
    return text.lower() if 2 <= len(text) <= 4 and text.isascii() and text.isalpha() else None


SEARCH_FORMS = (
    SearchForm("phone", "phone", lambda value: value, phone),
    SearchForm("phone_tail", "phone", _tail, _typed_digits),
    SearchForm("card", "card", lambda value: value, _typed_card),
    SearchForm("card_tail", "card", _tail, _typed_card_tail),
    SearchForm("email", "email", lambda value: value, email),
    SearchForm("name", "name", _full_name, _full_name),
    SearchForm("surname", "name", _stored_surname, _typed_surname),
    SearchForm("initials", "name", _stored_initials, _typed_initials),
)
