"""What a coupon takes off and when it may be used, as plain values. Money is whole fen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from huitou.core.festivals import Season
from huitou.core.labels import Refusal, mark
from huitou.core.money import yuan_text
from huitou.core.periods import business_date, day_start

MOST_FEN = 100_000_00
MOST_DAYS = 3_650


class Effect(StrEnum):
    """How a coupon counts."""

    AMOUNT = "amount"
    PERCENT = "percent"


class State(StrEnum):
    """The account a coupon stands on. A usable one whose time is over is an expired one: nothing is written for that."""

    USABLE = "usable"
    REDEEMED = "redeemed"
    WITHDRAWN = "withdrawn"  # taken back by somebody
    SET_ASIDE = "set_aside"  # one too many after two files became one


class Reason(StrEnum):
    """Why a coupon is not taken."""

    NOT_YOURS = "not_yours"
    USED = "used"
    WITHDRAWN = "withdrawn"
    SET_ASIDE = "set_aside"
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    SEASON = "season"
    NOT_FIRST = "not_first"
    LINES = "lines"
    CATEGORY = "category"
    MINIMUM = "minimum"
    NOT_USED = "not_used"


SENTENCES: dict[Reason, str] = {
    Reason.NOT_YOURS: mark("这位顾客没有这张券，请核对券码和顾客。"),
    Reason.USED: mark("这张券已经用过，不能再用。"),
    Reason.WITHDRAWN: mark("这张券已经收回，不能使用。"),
    Reason.SET_ASIDE: mark("两份档案合并后，每人限领的券只留下一份，这张券暂停使用。"),
    Reason.NOT_YET: mark("这张券 {day} 起才能使用。"),
    Reason.EXPIRED: mark("这张券已经过期，最后可用日是 {day}。"),
    Reason.SEASON: mark("这张券只在约定的节日前后可用，今天不在其中。"),
    Reason.NOT_FIRST: mark("这张券只能用于第一笔付款的订单，这位顾客已经买过。"),
    Reason.LINES: mark("这张券只能用于指定品类，请在请求里带上商品明细。"),
    Reason.CATEGORY: mark("这一单里没有这张券可用的品类。"),
    Reason.MINIMUM: mark("可用券的金额是 {amount} 元，还没有达到 {minimum} 元。"),
    Reason.NOT_USED: mark("这张券没有用在这一单上，请核对单号。"),
}


class CouponRefused(Refusal):
    """The coupon is not taken; `reason` is a stored code, the sentence is for who stands at the counter."""

    def __init__(self, reason: Reason, **values: object) -> None:
        super().__init__(SENTENCES[reason], **values)
        self.reason = reason


class TermsInvalid(Exception):
    """Terms that cannot be used: `field` is the one to mend, `problem` a stored code."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Terms:
    """
    What a kind of coupon promises.

    off_share: 0..1 of the price, percent only. most_off_fen: the most that percents take off. category_ids: empty is
    everything. season: the days of each year on which it is taken; None: every day.
    A coupon is usable from the day of issue, or from_day if that is later, for usable_days, and not after last_day.
    """

    effect: Effect
    off_fen: int | None = None
    off_share: Decimal | None = None
    most_off_fen: int | None = None
    minimum_fen: int = 0
    category_ids: frozenset[int] = frozenset()
    first_order_only: bool = False
    from_day: date | None = None
    last_day: date | None = None
    usable_days: int | None = None
    season: Season | None = None

    @property
    def worth_fen(self) -> int | None:
        """The most that one coupon costs the house; None: percents without an end."""
        return self.off_fen if self.effect is Effect.AMOUNT else self.most_off_fen


@dataclass(frozen=True, slots=True)
class Caps:
    """How many may be issued: to one person, on one business day, and for how much in all. None: no end."""

    person_most: int = 1
    day_most: int | None = None
    budget_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a basket, after other discounts. category_id None: an article nobody knows."""

    category_id: int | None
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Basket:
    """What somebody is about to pay. lines None: not told."""

    amount_fen: int
    lines: tuple[Line, ...] | None = None


def check_terms(terms: Terms, caps: Caps) -> None:
    """Raise TermsInvalid on terms that promise nothing, contradict themselves or cannot be kept within their budget."""
    if terms.effect is Effect.AMOUNT:
        _between("off_fen", terms.off_fen, 1, MOST_FEN)
        _absent("off_share", terms.off_share)
        _absent("most_off_fen", terms.most_off_fen)
    else:
        _absent("off_fen", terms.off_fen)
        if terms.off_share is None or not 0 < terms.off_share < 1:
            raise TermsInvalid("off_share", "range")
        if terms.most_off_fen is not None:
            _between("most_off_fen", terms.most_off_fen, 1, MOST_FEN)
    _between("minimum_fen", terms.minimum_fen, 0, MOST_FEN)
    if terms.off_fen is not None and 0 < terms.minimum_fen < terms.off_fen:
        raise TermsInvalid("minimum_fen", "below_off")
    if terms.usable_days is None and terms.last_day is None:
        raise TermsInvalid("usable_days", "no_end")
    if terms.usable_days is not None:
        _between("usable_days", terms.usable_days, 1, MOST_DAYS)
    if terms.from_day is not None and terms.last_day is not None and terms.last_day < terms.from_day:
        raise TermsInvalid("last_day", "before_start")
    _between("person_most", caps.person_most, 1, 1_000)
    if caps.day_most is not None:
        _between("day_most", caps.day_most, 1, 100_000_000)
    if caps.budget_fen is not None:
        _between("budget_fen", caps.budget_fen, 1, 10**13)
        if terms.worth_fen is None:
            raise TermsInvalid("most_off_fen", "budget")


def _between(field: str, value: int | None, least: int, most: int) -> None:
    if value is None or not least <= value <= most:
        raise TermsInvalid(field, "range")


def _absent(field: str, value: object | None) -> None:
    if value is not None:
        raise TermsInvalid(field, "other_effect")


def usable_between(terms: Terms, issued_at: datetime) -> tuple[datetime, datetime] | None:
    """
    Return [start, end) of a coupon issued at a moment (aware UTC); None when its last day is over before it begins.

    The first day counts from the moment of issue; the last day counts whole, in the stores' time.
    """
    today = business_date(issued_at)
    first = max(today, terms.from_day or today)
    ends = [terms.last_day] if terms.last_day is not None else []
    if terms.usable_days is not None:
        ends.append(first + timedelta(days=terms.usable_days - 1))
    last = min(ends)
    if last < first:
        return None
    start = issued_at if first == today else day_start(first)
    return start, day_start(last + timedelta(days=1))


def last_day(end: datetime) -> date:
    """Return the last business day of a time that ends at `end` (aware), which does not belong to it."""
    return business_date(end - timedelta(microseconds=1))


def check_window(start: datetime, end: datetime, now: datetime) -> None:
    """Raise CouponRefused before start and from end on (aware moments)."""
    if now < start:
        raise CouponRefused(Reason.NOT_YET, day=business_date(start))
    if now >= end:
        raise CouponRefused(Reason.EXPIRED, day=last_day(end))


def check_season(season: Season | None, day: date) -> None:
    """Raise CouponRefused on a business day outside the season."""
    if season is not None and not season.has(day):
        raise CouponRefused(Reason.SEASON)


def check_state(state: State) -> None:
    """Raise CouponRefused unless the coupon stands on the usable account."""
    reasons = {State.REDEEMED: Reason.USED, State.WITHDRAWN: Reason.WITHDRAWN, State.SET_ASIDE: Reason.SET_ASIDE}
    if state in reasons:
        raise CouponRefused(reasons[state])


def off_fen(terms: Terms, basket: Basket) -> int:
    """
    Return what the coupon takes off, whole fen; never more than the goods it counts for.

    terms.category_ids hold the categories below them, too. Percents round half up. Raises CouponRefused: LINES, CATEGORY,
    MINIMUM.
    """
    counted = _counted_fen(terms, basket)
    if counted < max(terms.minimum_fen, 1):
        raise CouponRefused(Reason.MINIMUM, amount=yuan_text(counted), minimum=yuan_text(max(terms.minimum_fen, 1)))
    if terms.effect is Effect.AMOUNT:
        return min(terms.off_fen or 0, counted)
    off = int((counted * (terms.off_share or Decimal(0))).quantize(Decimal(1), ROUND_HALF_UP))
    return min(off, counted, terms.most_off_fen if terms.most_off_fen is not None else counted)


def _counted_fen(terms: Terms, basket: Basket) -> int:
    """A basket cannot count for more than is paid for it, whatever its lines say."""
    if not terms.category_ids:
        return basket.amount_fen
    if basket.lines is None:
        raise CouponRefused(Reason.LINES)
    fitting = [line.amount_fen for line in basket.lines if line.category_id in terms.category_ids]
    if not fitting:
        raise CouponRefused(Reason.CATEGORY)
    return min(sum(fitting), basket.amount_fen)


@dataclass(frozen=True, slots=True)
class Held:
    """A coupon of one kind in one person's hands, as `kept` weighs it."""

    coupon_id: int
    is_redeemed: bool
    expires_at: datetime
    person_most: int


def kept(coupons: Sequence[Held]) -> list[int]:
    """
    Return the ids of those of one kind that one person may hold, the first first: the used ones, then those that last
    longest, then the older ones.

    The limit is the highest that any of them was issued under, so that a stricter later limit takes nothing away.
    """
    if not coupons:
        return []
    most = max(one.person_most for one in coupons)
    order = sorted(coupons, key=lambda one: (not one.is_redeemed, -one.expires_at.timestamp(), one.coupon_id))
    return [one.coupon_id for one in order[:most]]
