"""The thresholds of the matcher as one validated value; its version is stored with every decision."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from huitou.core.identity.normalise import KIND_NORMALISERS

KINDS = ("phone", "card", "openid", "unionid", "email")  # of identifiers; the order is the code used in arrays
WEAK_BLOCKS = (
    "name_birthday", "name_tail", "name_head", "masked_phone", "name_unit", "mailbox", "name_card_tail", "birthday_unit",
    "rare_name", "name_store", "masked_store", "near_phone", "near_store",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Policy:
    """
    hub_records, hub_names: a value held by more than so many records, or by at least so many different full names, is a
    hub: it identifies nobody.
    threshold: two records are linked when they are one person with at least this probability. doubt: how strongly (log
    odds) any one pair can speak against joining two groups. verified_bonus: log odds for an equal phone, per side that
    checked it. tie: claims on a nameless record that differ by less are equal, and it stays alone.
    fit_pairs: with fewer candidate pairs the built-in weights are used as they are. review_share: pairs at least this
    likely, but not joined, wait for a person; at most review_limit of them.
    enough_names: from so many records on it can be told which names are rare; with fewer every name counts as common.
    blocks: what else than an equal identifier makes a pair worth comparing, of WEAK_BLOCKS.
    blocked: values per kind that never link (shop phones, public cards), in any spelling.
    """

    version: str = "match-4"
    hub_records: int = 14
    hub_names: int = 6
    threshold: float = 0.5
    doubt: float = 8.0
    verified_bonus: float = 1.0
    tie: float = 0.25
    fit_pairs: int = 20_000
    review_share: float = 0.2
    review_limit: int = 20_000
    enough_names: int = 20_000
    blocks: tuple[str, ...] = WEAK_BLOCKS
    blocked: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        if self.hub_records < 2 or self.hub_names < 2:
            raise ValueError(f"hub thresholds below 2 would link nobody: {self.hub_records=} {self.hub_names=}")
        if not 0 < self.review_share <= self.threshold < 1:
            raise ValueError(f"need 0 < review_share <= threshold < 1, got {self.review_share} and {self.threshold}")
        if self.doubt < 0 or self.verified_bonus < 0 or self.tie < 0:
            raise ValueError(f"doubt, verified_bonus and tie are not negative: {self.doubt=} {self.verified_bonus=} {self.tie=}")
        if not set(self.blocks) <= set(WEAK_BLOCKS):
            raise ValueError(f"unknown blocks {sorted(set(self.blocks) - set(WEAK_BLOCKS))}; known are {WEAK_BLOCKS}")
        unknown = set(self.blocked) - set(KINDS)
        if unknown:
            raise ValueError(f"blocked values of unknown kinds: {sorted(unknown)}")

    def blocked_values(self, kind: str) -> frozenset[str]:
        """Return the blocked values of one kind in normal form."""
        normaliser = KIND_NORMALISERS[kind]
        return frozenset(value for text in self.blocked.get(kind, ()) if (value := normaliser(text)) is not None)


DEFAULT_POLICY = Policy()
