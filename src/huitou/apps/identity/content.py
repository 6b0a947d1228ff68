"""What a source record says, its encrypted form, and the identifier values that it holds."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from huitou.core.crypto import Keyring
from huitou.core.identity.normalise import KIND_NORMALISERS
from huitou.core.identity.survivorship import RecordFacts

FIELD_OF_KIND = {"phone": "phone", "card": "member_card", "openid": "wx_openid", "unionid": "wx_unionid", "email": "email"}
# A system that issues an identifier has checked it.
VERIFIED_BY_ISSUER: Mapping[str, frozenset[str]] = {"membership": frozenset({"card"})}


@dataclass(frozen=True, slots=True)
class HeldValue:
    """An identifier that a source lists beside the record; moments are ISO 8601 texts in UTC."""

    kind_code: str
    value: str
    verified: bool
    valid_from: str | None
    valid_to: str | None
    version_at: str


@dataclass(frozen=True, slots=True)
class Content:
    """One record as its source wrote it. `verified` names the fields that the source has checked."""

    source_id: str | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    verified: tuple[str, ...] = ()
    identifiers: tuple[HeldValue, ...] = ()

    def to_json(self) -> str:
        identifiers = [{name: getattr(held, name) for name in HeldValue.__slots__} for held in self.identifiers]
        return json.dumps(
            {"source_id": self.source_id, "texts": self.texts, "verified": self.verified, "identifiers": identifiers},
            ensure_ascii=False,
            sort_keys=True,
        )

    @classmethod
    def from_json(cls, text: str | bytes) -> "Content":
        raw = json.loads(text)
        return cls(
            source_id=raw["source_id"],
            texts=raw["texts"],
            verified=tuple(raw["verified"]),
            identifiers=tuple(HeldValue(**held) for held in raw["identifiers"]),
        )

    def with_identifiers(self, newer: Iterable[HeldValue]) -> "Content":
        """Return the content with these identifiers added; of two versions of one value the newer stays."""
        held = {(item.kind_code, item.value): item for item in self.identifiers}
        for item in newer:
            known = held.get((item.kind_code, item.value))
            if known is None or known.version_at <= item.version_at:
                held[item.kind_code, item.value] = item
        return Content(self.source_id, self.texts, self.verified, tuple(held[key] for key in sorted(held)))


@dataclass(frozen=True, slots=True)
class Posting:
    """One normalised value that a record holds; current while valid_to is null."""

    kind_code: str
    value: str
    verified: bool
    valid_from: datetime | None
    valid_to: datetime | None


def content_context(record_id: int) -> str:
    return f"identity.record:{record_id}"


def content_seal(ring: Keyring, record_id: int, text: str) -> bytes:
    return ring.encrypt(text.encode(), context=content_context(record_id))


def content_open(ring: Keyring, record_id: int, sealed: bytes | memoryview | None) -> Content:
    """Return the content again; an erased record says nothing. Raises DecryptError."""
    return Content() if sealed is None else Content.from_json(ring.decrypt(bytes(sealed), context=content_context(record_id)))


def postings_of(content: Content, *, source_code: str, version_at: datetime | None) -> list[Posting]:
    """Return each usable value of a record once: verified if any mention is, current if any mention is."""
    found: dict[tuple[str, str], Posting] = {}
    issued = VERIFIED_BY_ISSUER.get(source_code, frozenset())
    for kind, name in FIELD_OF_KIND.items():
        text = content.texts.get(name)
        value = KIND_NORMALISERS[kind](text) if text else None
        if value is not None:
            found[kind, value] = Posting(kind, value, name in content.verified or kind in issued, version_at, None)
    for held in content.identifiers:
        value = KIND_NORMALISERS[held.kind_code](held.value)
        if value is None:
            continue
        key = held.kind_code, value
        listed = Posting(
            held.kind_code,
            value,
            held.verified or held.kind_code in issued,
            _moment(held.valid_from) or _moment(held.version_at),
            _moment(held.valid_to),
        )
        found[key] = _merged(found[key], listed) if key in found else listed
    return list(found.values())


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _merged(one: Posting, two: Posting) -> Posting:
    starts = [moment for moment in (one.valid_from, two.valid_from) if moment is not None]
    ends = [moment for moment in (one.valid_to, two.valid_to) if moment is not None]
    return Posting(
        one.kind_code,
        one.value,
        one.verified or two.verified,
        min(starts, default=None),
        max(ends) if len(ends) == 2 else None,
    )


def facts_of(record_id: int, source_code: str, version_at: datetime, content: Content) -> RecordFacts:
    """Return the record as survivorship sees it; listed identifiers fill fields that the record itself leaves empty."""
    texts: dict[str, str | None] = dict(content.texts)
    verified = set(content.verified)
    for held in content.identifiers:
        name = FIELD_OF_KIND[held.kind_code]
        if held.valid_to is None and not texts.get(name):
            texts[name] = held.value
            if held.verified:
                verified.add(name)
    return RecordFacts(record_id, source_code, version_at, texts, verified)
