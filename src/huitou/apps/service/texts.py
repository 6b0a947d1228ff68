"""The free texts of a ticket and their encrypted form."""

from huitou.apps.base.secrets import keyring

TEXT_FIELDS = ("subject", "body")


def text_seal(ticket_id: int, field: str, text: str) -> bytes:
    """Encrypt one text of a ticket."""
    return keyring().encrypt(text.encode(), context=text_context(ticket_id, field))


def text_open(ticket_id: int, field: str, sealed: bytes | memoryview | None) -> str:
    """Return the text again, "" where there is none. Raises DecryptError."""
    return "" if sealed is None else keyring().decrypt(bytes(sealed), context=text_context(ticket_id, field)).decode()


def text_context(ticket_id: int, field: str) -> str:
    """Return what a text of a ticket is sealed with."""
    return f"service.ticket:{ticket_id}:{field}"
