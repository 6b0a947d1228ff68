"""How personal values are shown to those who may not see them whole. An empty value stays empty."""

from collections.abc import Callable

from huitou.core.identity.names import COMPOUND_SURNAMES

_MOST_STARS = 6


def mask_phone(value: str) -> str:
    """138****1234; a landline or foreign number keeps its last four; anything shorter than eight signs is all stars."""
    if len(value) == 11 and value.isdigit():
        return f"{value[:3]}****{value[-4:]}"
    return f"****{value[-4:]}" if len(value) >= 8 else "*" * len(value)


def mask_name(value: str) -> str:
    """张*, 王*芳, 欧阳**; a Latin name keeps its first letter. A long name does not show how long it is."""
    if not value:
        return value
    if value[:2] in COMPOUND_SURNAMES:
        return value[:2] + "*" * min(max(1, len(value) - 2), _MOST_STARS)
    if value.isascii():
        return value[0] + "***"
    if len(value) <= 2:
        return value[0] + "*"
    return value[0] + "*" * min(len(value) - 2, _MOST_STARS) + value[-1]


def mask_card(value: str) -> str:
    """6601****8842; a card of fewer than nine signs keeps its last two."""
    if len(value) >= 9:
        return f"{value[:4]}****{value[-4:]}"
    return f"****{value[-2:]}" if len(value) > 3 else "*" * len(value)


def mask_email(value: str) -> str:
    """z***@example.com"""
    box, at, domain = value.partition("@")
    return f"{box[:1]}***{at}{domain}" if at else "***" if value else value


def mask_address(value: str) -> str:
    """The first six signs (province and city), the rest hidden."""
    return value[:6] + "******" if len(value) > 6 else "*" * len(value)


def mask_birthday(value: str) -> str:
    """1985-**-**"""
    return f"{value[:4]}-**-**" if len(value) >= 4 else "*" * len(value)


def mask_id_number(value: str) -> str:
    """110***********1234"""
    return value[:3] + "*" * (len(value) - 7) + value[-4:] if len(value) > 7 else "*" * len(value)


def mask_code(value: str) -> str:
    """An openid or a source's own id: its last four signs."""
    return f"****{value[-4:]}" if len(value) > 6 else "*" * len(value)


MASKS: dict[str, Callable[[str], str]] = {
    "name": mask_name,
    "phone": mask_phone,
    "member_card": mask_card,
    "card": mask_card,
    "wx_openid": mask_code,
    "wx_unionid": mask_code,
    "openid": mask_code,
    "unionid": mask_code,
    "source_id": mask_code,
    "email": mask_email,
    "address": mask_address,
    "birthday": mask_birthday,
    "id_number": mask_id_number,
}


def masked(field: str, value: str) -> str:
    """Return the value as a masked field shows it; a field without a mask (gender) is not personal enough to hide."""
    mask = MASKS.get(field)
    return value if mask is None else mask(value)
