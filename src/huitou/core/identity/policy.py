"""The thresholds and weights of the matcher, as one validated value; its version is stored with every decision."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from huitou.core.identity.normalise import KIND_NORMALISERS

KINDS = ("phone", "card", "openid", "unionid", "email")  # of identifiers; the order is the code used in arrays


@dataclass(frozen=True, slots=True)
class Policy:
    """
    hub_records, hub_names: a value held by more than so many records, or by at least so many different full names, is a
    hub: it identifies nobody.
    weights: how strongly an equal value of each kind links, doubled confidence included by `both_verified`,
    `one_verified`; `same_name` and `other_name` add to the pair. Strong links win over weak ones in a contested component.
    blocked: values per kind that never link (shop phones, public cards), in any spelling.
    """

    version: str = "links-1"
    hub_records: int = 14
    hub_names: int = 6
    weights: Mapping[str, int] = field(
        default_factory=lambda: MappingProxyType({"phone": 30, "card": 60, "openid": 80, "unionid": 90, "email": 28})
    )
    both_verified: int = 20
    one_verified: int = 10
    same_name: int = 25
    other_name: int = -15
    blocked: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        if self.hub_records < 2 or self.hub_names < 2:
            raise ValueError(f"hub thresholds below 2 would link nobody: {self.hub_records=} {self.hub_names=}")
        if set(self.weights) != set(KINDS) or min(self.weights.values()) <= 0:
            raise ValueError(f"need a positive weight for each of {KINDS}, got {dict(self.weights)}")
        unknown = set(self.blocked) - set(KINDS)
        if unknown:
            raise ValueError(f"blocked values of unknown kinds: {sorted(unknown)}")

    def blocked_values(self, kind: str) -> frozenset[str]:
        """Return the blocked values of one kind in normal form."""
        normaliser = KIND_NORMALISERS[kind]
        return frozenset(value for text in self.blocked.get(kind, ()) if (value := normaliser(text)) is not None)


DEFAULT_POLICY = Policy()
