"""Measure the metrics of the data page once a day and after a build, so that their trends have points."""

from datetime import date, datetime

from django.db import transaction

from huitou.apps.base.storage import warehouse
from huitou.apps.customers.queries.census import PersonCensus, dormancy_count, person_census
from huitou.apps.identity.census import RecordCensus, attainable_completeness, record_census, shared_identifiers
from huitou.apps.intake.queries import row_totals
from huitou.apps.quality.models import FieldFill, QualitySnapshot
from huitou.core.metrics.registry import metric
from huitou.core.metrics.shares import Share, dormancy_rate, surplus_of_groups, surplus_share
from huitou.core.periods import business_date
from huitou.warehouse.queries.totals import totals
from huitou.warehouse.reader import NothingPublished
from huitou.warehouse.scope import CHAIN


def quality_snapshot(*, now: datetime) -> dict[str, Share]:
    """Measure and store; return the shares by metric key. Run again on the day it overwrites the day's values."""
    persons, records = person_census(), record_census()
    shares = _shares(persons, records, now)
    day = business_date(now)
    with transaction.atomic():
        for key, share in shares.items():
            QualitySnapshot.objects.update_or_create(
                metric_key=metric(key).key,
                business_date=day,
                defaults={"numerator": share.numerator, "denominator": share.denominator, "as_of": now},
            )
        for subject_code, filled, total in (
            ("person", persons.filled, persons.persons),
            ("record", records.filled, records.described),
        ):
            for field_code, count in filled.items():
                FieldFill.objects.update_or_create(
                    subject_code=subject_code,
                    field_code=field_code,
                    business_date=day,
                    defaults={"filled": count, "total": total},
                )
    return shares


def _shares(persons: PersonCensus, records: RecordCensus, now: datetime) -> dict[str, Share]:
    groups = (*shared_identifiers(), *persons.look_alikes)
    alike = surplus_of_groups(groups)
    revenue, as_of = _published()
    dormancy = dormancy_count(as_of=as_of or business_date(now))
    rows = row_totals()
    shares = {
        "duplicate_rate_before": surplus_share(records.records, records.persons),
        "duplicate_rate_after": surplus_share(persons.persons, persons.persons - alike),
        "completeness_share": Share(persons.completeness_sum, persons.persons),
        "attainable_completeness_share": attainable_completeness(groups),
        "record_completeness_share": Share(records.completeness_sum, records.described),
        "dormancy_rate": dormancy_rate(dormant=dormancy.dormant, buyers=dormancy.buyers),
        "multi_source_share": Share(persons.multi_source, persons.persons),
        "quarantine_share": Share(rows.quarantined, rows.received),
    }
    return shares if revenue is None else shares | {"identified_revenue_share": revenue}


def _published() -> tuple[Share | None, date | None]:
    """
    Return the share of revenue tied to a person and the day the published numbers stand at; None before the first build.

    The share is None, too, for a chain whose returns outweigh its sales.
    """
    try:
        with warehouse().read() as reading:
            sums = totals(reading.cursor, scope=CHAIN)
    except NothingPublished:
        return None, None
    is_share = 0 <= sums.identified_net_fen <= sums.net_fen
    return (Share(sums.identified_net_fen, sums.net_fen) if is_share else None), reading.as_of
