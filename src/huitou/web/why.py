"""What the 为什么 drawer says, wherever it opens: one sentence, facts with value and source, the rule, and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from huitou.web.lazy import LazyText


@dataclass(frozen=True, slots=True)
class WhyFact:
    """One fact behind an answer; `value` is written as the screen shows it, None when there is none."""

    label: LazyText
    value: LazyText | None
    source: LazyText


@dataclass(frozen=True, slots=True)
class Why:
    """
    Why something is as it is.

    sentence: the answer in one sentence. rule: the rule or model with its version. as_of: the business day of the data.
    computed_at: aware UTC.
    """

    sentence: LazyText
    facts: Sequence[WhyFact]
    rule: LazyText
    as_of: date | None
    computed_at: datetime | None
