"""When there is nothing to recommend, and why."""

from enum import StrEnum


class Refusal(StrEnum):
    """Why there are no recommendations. Stored codes."""

    NOBODY = "nobody"  # bought anything
    SHORT = "short"  # too little history
    QUIET = "quiet"  # too few bought anything again
    NAIVE = "naive"  # the most popular items did as well in the test


class NoRecommendation(Exception):
    """The past tells too little; `refusal` says in which way."""

    def __init__(self, refusal: Refusal, told: str) -> None:
        super().__init__(told)
        self.refusal = refusal
