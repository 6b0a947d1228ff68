"""The free text of an event, encrypted value by value."""

from huitou.apps.base.secrets import keyring


def text_seal(event_id: int, text: str) -> bytes:
    """Return a text as it is stored."""
    return keyring().encrypt(text.encode(), context=text_context(event_id))


def text_open(event_id: int, sealed: bytes | memoryview | None) -> str:
    """Return a stored text in clear; empty where there is none."""
    return "" if sealed is None else keyring().decrypt(bytes(sealed), context=text_context(event_id)).decode()


def text_context(event_id: int) -> str:
    """Return what an event's text is sealed with."""
    return f"behaviour.event:{event_id}"
