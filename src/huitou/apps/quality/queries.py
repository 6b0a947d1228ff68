"""Read the data page: where every row went, how late, how many doubles, how complete, how much is tied to a person."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from huitou.apps.accounts.roles import Role
from huitou.apps.base.scope import Viewer
from huitou.apps.base.storage import warehouse
from huitou.apps.customers.queries import completeness_weights
from huitou.apps.identity.census import hub_count
from huitou.apps.intake.queries import (
    KindAccount,
    SourceState,
    received_by_day,
    row_accounting,
    source_kinds,
    source_states,
    source_streams,
)
from huitou.apps.products.queries import placeholder_codes
from huitou.apps.quality.models import FieldFill, Goal, GoalKind, QualitySnapshot
from huitou.apps.quality.rules import DEFAULT_LAG_LIMIT, LAG_LIMITS, NOT_PULLED
from huitou.core.canonical import KINDS, Group
from huitou.core.identity.completeness import KEY_FIELD_LABELS
from huitou.core.labels import Label
from huitou.core.metrics.registry import METRICS, Metric, Unit, metric
from huitou.core.metrics.shares import Share
from huitou.core.periods import Period, business_date
from huitou.warehouse.landing.manifest import KindCounts
from huitou.warehouse.queries import points
from huitou.warehouse.reader import NothingPublished

DATA_ROLES = frozenset({Role.ADMIN.value, Role.ENGINEER.value, Role.ANALYST.value, Role.MANAGER.value})
TREND_DAYS = 366
_LISTED_DIFFERENCES = 200
_MEASURED = frozenset({"quality", "intake"})  # owners whose shares the daily snapshot stores


@dataclass(frozen=True, slots=True)
class SourceAccount:
    """
    One source in the period: its rows by kind and together, how far behind it is, and whether that is too far.

    by_day: rows received on each day from the first one with rows to the last of the period; 0 on a day without.
    """

    state: SourceState
    kinds: tuple[KindAccount, ...]
    rows: KindCounts
    lag_limit: timedelta
    is_late: bool  # also when it has never been pulled to its end
    by_day: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """A metric's value on one business day; None: nothing to divide by."""

    day: date
    value: float | None


@dataclass(frozen=True, slots=True)
class MetricValue:
    """The newest value of one metric with its definition, goals and trend; `share` is None before the first snapshot."""

    metric: Metric
    share: Share | None
    as_of: datetime | None
    baseline: Goal | None
    target: Goal | None
    trend: tuple[TrendPoint, ...]


@dataclass(frozen=True, slots=True)
class FieldGap:
    """One key field: how many have it, and how much filling it for all would add to completeness (0..1)."""

    field_code: str
    label: Label
    weight: float
    filled: int
    total: int
    gain_share: float

    @property
    def missing(self) -> int:
        return self.total - self.filled


@dataclass(frozen=True, slots=True)
class PointsAccount:
    """Members with a stated balance, those whose ledger adds up to it, and the greatest differences. None: no build yet."""

    summary: points.Reconciliation
    differences: tuple[points.BalanceDifference, ...]


@dataclass(frozen=True, slots=True)
class SchemaEntry:
    """One kind of data that a connected source delivers, and in which of its streams."""

    source_code: str
    group: Group
    kind_code: str
    streams: tuple[str, ...]  # titles
    required: tuple[str, ...]
    personal: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DataOverview:
    """Everything the data page shows. Gap lists are ordered by the points they would bring, most first."""

    period: Period
    sources: tuple[SourceAccount, ...]
    rows: KindCounts
    metrics: Mapping[str, MetricValue]
    person_gaps: tuple[FieldGap, ...]
    record_gaps: tuple[FieldGap, ...]
    points: PointsAccount | None
    hubs: int
    placeholder_stores: tuple[str, ...]
    placeholder_products: tuple[str, ...]
    schema: tuple[SchemaEntry, ...]


def data_overview(viewer: Viewer, now: datetime, *, days: int = 30) -> DataOverview:
    """
    Return the data page for the `days` business days up to today.

    It shows the whole chain: raises PermissionError for a viewer outside DATA_ROLES.
    """
    _allowed(viewer)
    period = Period.last_days(days, as_of=business_date(now))
    sources = _sources(period, now)
    stores, products = placeholder_codes()
    return DataOverview(
        period=period,
        sources=sources,
        rows=sum((source.rows for source in sources), KindCounts()),
        metrics={one.key: _metric_value(one, now) for one in METRICS if one.unit is Unit.SHARE and one.owner in _MEASURED},
        person_gaps=_gaps("person"),
        record_gaps=_gaps("record"),
        points=reconciliation(viewer),
        hubs=hub_count(),
        placeholder_stores=stores,
        placeholder_products=products,
        schema=schema_registry(),
    )


def chain_values(viewer: Viewer, now: datetime, keys: Iterable[str]) -> dict[str, MetricValue]:
    """Return the newest snapshot of these metrics. They are of the whole chain: PermissionError for a viewer of some stores."""
    if viewer.store_ids is not None:
        raise PermissionError("the daily snapshots cover the whole chain")
    return {key: _metric_value(metric(key), now) for key in keys}


def source_accounts(now: datetime, *, days: int) -> tuple[SourceAccount, ...]:
    """Return every source with its rows of the last days and how far behind it is. Counts only, nothing of a person."""
    return _sources(Period.last_days(days, as_of=business_date(now)), now)


def reconciliation(viewer: Viewer) -> PointsAccount | None:
    """Compare the points ledgers with the stated balances; None before the first build. Raises PermissionError as above."""
    _allowed(viewer)
    try:
        with warehouse().read() as reading:
            summary = points.reconciliation(reading.cursor, scope=viewer.scope())
            differences = points.balance_differences(reading.cursor, scope=viewer.scope(), limit=_LISTED_DIFFERENCES)
            return PointsAccount(summary, tuple(islice(differences, _LISTED_DIFFERENCES)))
    except NothingPublished:
        return None


def schema_registry() -> tuple[SchemaEntry, ...]:
    """Return what each connected source delivers, in the order of the groups."""
    order = list(Group)
    entries = []
    for source_code, delivered in source_streams().items():
        titles: dict[str, list[str]] = {}
        for stream in delivered:
            for kind_code in stream.kinds:
                titles.setdefault(kind_code, []).append(stream.title)
        for kind_code, streams in titles.items():
            kind = KINDS[kind_code]
            entries.append(
                SchemaEntry(
                    source_code=source_code,
                    group=kind.group,
                    kind_code=kind_code,
                    streams=tuple(streams),
                    required=tuple(field.name for field in kind.fields if field.required),
                    personal=tuple(field.name for field in kind.fields if field.personal),
                )
            )
    return tuple(sorted(entries, key=lambda entry: (entry.source_code, order.index(entry.group), entry.kind_code)))


def _allowed(viewer: Viewer) -> None:
    if viewer.role_code not in DATA_ROLES:
        raise PermissionError(f"role {viewer.role_code} may not see the data page")


def _sources(period: Period, now: datetime) -> tuple[SourceAccount, ...]:
    accounts = row_accounting(period)
    connectors, received = source_kinds(), received_by_day(period)
    sources = []
    for state in source_states(now=now):
        kinds = tuple(account for account in accounts if account.source_code == state.code)
        rows = sum((account.counts for account in kinds), KindCounts())
        late = state.is_enabled and _is_late(state, connectors)
        sources.append(
            SourceAccount(state, kinds, rows, _lag_limit(state, connectors), late, _days(received.get(state.code, {}), period))
        )
    return tuple(sources)


def _days(received: Mapping[date, int], period: Period) -> tuple[int, ...]:
    if not received:
        return ()
    first = min(received)
    return tuple(received.get(first + timedelta(days=number), 0) for number in range((period.end - first).days))


def late_sources(now: datetime) -> list[SourceState]:
    """Return the enabled sources whose last pull failed or that are further behind than they may be."""
    connectors = source_kinds()
    return [state for state in source_states(now=now) if state.is_enabled and (state.error or _is_late(state, connectors))]


def _lag_limit(state: SourceState, connectors: Mapping[str, str]) -> timedelta:
    return LAG_LIMITS.get(connectors.get(state.code, ""), DEFAULT_LAG_LIMIT)


def _is_late(state: SourceState, connectors: Mapping[str, str]) -> bool:
    if connectors.get(state.code) in NOT_PULLED:
        return False
    return state.lag_seconds is None or state.lag_seconds > _lag_limit(state, connectors).total_seconds()


def _metric_value(metric: Metric, now: datetime) -> MetricValue:
    since = business_date(now) - timedelta(days=TREND_DAYS)
    rows = list(QualitySnapshot.objects.filter(metric_key=metric.key, business_date__gt=since).order_by("business_date"))
    shares = [Share(row.numerator, row.denominator) for row in rows]
    goals = {goal.kind_code: goal for goal in Goal.objects.filter(metric_key=metric.key).order_by("period_code")}
    return MetricValue(
        metric=metric,
        share=shares[-1] if shares else None,
        as_of=rows[-1].as_of if rows else None,
        baseline=goals.get(GoalKind.BASELINE),
        target=goals.get(GoalKind.TARGET),
        trend=tuple(TrendPoint(row.business_date, share.value) for row, share in zip(rows, shares, strict=True)),
    )


def _gaps(subject_code: str) -> tuple[FieldGap, ...]:
    latest = FieldFill.objects.filter(subject_code=subject_code).order_by("-business_date").first()
    if latest is None:
        return ()
    rows = FieldFill.objects.filter(subject_code=subject_code, business_date=latest.business_date)
    weights = completeness_weights()
    gaps = [
        FieldGap(
            field_code=row.field_code,
            label=KEY_FIELD_LABELS[row.field_code],
            weight=weights[row.field_code],
            filled=row.filled,
            total=row.total,
            gain_share=weights[row.field_code] * (row.total - row.filled) / row.total if row.total else 0.0,
        )
        for row in rows
    ]
    return tuple(sorted(gaps, key=lambda gap: (-gap.gain_share, gap.field_code)))
