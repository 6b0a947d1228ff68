"""
The book of versions: number them, write down how each was built, and bring the book in line with what readers see.

The pointer file is the truth. A process that was killed between the switch and its entry in the book leaves the two apart;
`settle` mends that and is called at the start of every run.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max

import huitou
from huitou.apps.base.clock import utc_now
from huitou.apps.builds.models import Build, BuildKind, BuildState
from huitou.apps.intake.backlog import waiting_batch_ids
from huitou.apps.intake.services import batches_mark_folded
from huitou.warehouse.connect import connect
from huitou.warehouse.layout import READER_LIMITS, Layout
from huitou.warehouse.result import BuildResult
from huitou.warehouse.switch import Version, base_path, current, switch, tail_path

WAREHOUSE_LEASE = "warehouse"  # held by whoever builds, folds, switches or publishes
CUT_SHORT = "the process ended before the build was finished"


@dataclass(frozen=True, slots=True)
class Published:
    """The version that readers see and what went into it."""

    version: Version
    as_of: date
    map_seq: int
    batch_ids: frozenset[int]


def version_meta(where: Layout, version: Version) -> Published:
    """Read what went into a finished version."""
    path = base_path(where, version.base) if version.tail is None else tail_path(where, version.tail)
    where.temporary.mkdir(parents=True, exist_ok=True)
    with connect(path, limits=READER_LIMITS, temporary=where.temporary, read_only=True) as connection:
        row = connection.execute("select as_of, map_seq, batch_ids from meta").fetchone()
    if row is None:
        raise ValueError(f"{path} has no meta row: run `huitou build --base`")
    return Published(version, row[0], row[1], frozenset(row[2]))


def settle(where: Layout, now: datetime) -> Published | None:
    """
    Bring builds and batches in line with the pointer file; return the published version, None before the first.

    Call it with the warehouse lease in hand: a build that still counts as running then belongs to a process that is gone.
    """
    version = current(where)
    published = None if version is None else version_meta(where, version)
    with transaction.atomic():
        if published is not None:
            _book(published, now)
            batches_mark_folded(batch_ids=waiting_batch_ids() & published.batch_ids, now=now)
        Build.objects.filter(state=BuildState.RUNNING).update(state=BuildState.FAILED, ended_at=now, error=CUT_SHORT)
    return published


def _book(published: Published, now: datetime) -> None:
    """Enter the published version, also when the book (restored from a backup) does not know it."""
    version = published.version
    build, _ = Build.objects.get_or_create(
        number=version.number,
        defaults={
            "kind_code": BuildKind.BASE if version.tail is None else BuildKind.TAIL,
            "base_number": version.base,
            "as_of": published.as_of,
            "map_seq": published.map_seq,
            "started_at": now,
            "code_version": huitou.__version__,
        },
    )
    if build.state != BuildState.PUBLISHED:
        Build.objects.filter(pk=build.pk).update(state=BuildState.PUBLISHED, ended_at=build.ended_at or now, error="")


def build_begin(where: Layout, kind: BuildKind, *, base: int | None, as_of: date, added: frozenset[int], now: datetime) -> Build:
    """Enter a new build under the next free number. base: the base a tail is for; None for a base. added: its batches."""
    version = current(where)
    last = Build.objects.aggregate(last=Max("number"))["last"] or 0
    number = max(last, version.number if version else 0) + 1
    return Build.objects.create(
        number=number,
        kind_code=kind,
        base_number=number if base is None else base,
        as_of=as_of,
        batch_from=min(added, default=None),
        batch_to=max(added, default=None),
        batch_count=len(added),
        started_at=now,
        code_version=huitou.__version__,
    )


def build_made(build: Build, make: Callable[[], BuildResult]) -> BuildResult:
    """Run what makes the version and enter how it ended; it is not published yet. Raises what `make` raises."""
    try:
        result = make()
    except Exception as error:
        failed = [asdict(check) for check in getattr(error, "failed", ())]
        Build.objects.filter(pk=build.pk).update(
            state=BuildState.FAILED, ended_at=utc_now(), error=f"{type(error).__name__}: {error}", checks=failed
        )
        raise
    Build.objects.filter(pk=build.pk).update(
        state=BuildState.BUILT,
        ended_at=utc_now(),
        map_seq=result.map_seq,
        seconds=result.seconds,
        rows=result.rows,
        checks=[asdict(check) for check in result.checks],
    )
    return result


def build_publish(where: Layout, result: BuildResult, now: datetime) -> Published:
    """Switch the readers to a finished build and enter that in the book."""
    switch(where, base=result.base_number, tail=None if result.is_base else result.number)
    published = settle(where, now)
    if published is None:
        raise RuntimeError("the pointer file vanished right after the switch")
    return published
