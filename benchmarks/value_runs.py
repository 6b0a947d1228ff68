"""
Time the value runs of an installation: first load, touched persons, a trial of a draft, a run that changes nothing.

Run it on a copy (it deletes the stored values first): HUITOU_HOME=copy python -m benchmarks.value_runs
"""

import os
import resource
import time
from collections.abc import Callable

TOUCHED, PAGES = 1_000, 60


def timed(name: str, work: Callable[[], object]) -> None:
    """Print wall and cpu seconds, the peak of the process so far, and what the work told."""
    wall, cpu = time.monotonic(), time.process_time()
    told = work()
    seconds = f"{time.monotonic() - wall:.2f} s, cpu {time.process_time() - cpu:.2f}"
    print(f"{name}: {seconds}, peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB, {told}", flush=True)


def main() -> None:
    """Run everything once, in one process."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huitou.web.settings")
    import django

    django.setup()
    from django.db import connection

    from huitou.apps.base.clock import utc_now
    from huitou.apps.base.scope import Viewer
    from huitou.apps.value import models, queries, services
    from huitou.apps.value.schemes import schemes_in_force
    from huitou.core.value.scheme import scheme_json
    from huitou.core.value.templates import VALUE_PYRAMID

    def run(**options):
        made = services.value_run(now=utc_now(), **options)
        return made and (made.kind_code, made.persons, made.written, made.seconds)

    with connection.cursor() as cursor:
        for model in (models.PersonValue, models.TierSum, models.TierChange, models.StageChange, models.TopListMember):
            cursor.execute(f"delete from {model._meta.db_table}")
    models.TopList.objects.all().delete()
    models.ValueRun.objects.update(cuts_of=None)
    models.ValueRun.objects.all().delete()
    timed("first run", run)
    ids = list(models.PersonValue.objects.exclude(rfm_total=None).order_by("pk").values_list("pk", flat=True)[:TOUCHED])
    timed(f"{len(ids)} touched", lambda: run(person_ids=ids))
    viewer = Viewer(1, "admin", None)
    one, two = schemes_in_force()[:2]
    timed("sums of a scheme", lambda: queries.scheme_sums(viewer, one).persons)
    timed("two schemes crossed", lambda: sum(queries.cross_tab(viewer, one, two).values()))
    taken = []
    for person_id in ids[:PAGES]:
        began = time.monotonic()
        queries.person_value(viewer, person_id)
        taken.append(time.monotonic() - began)
    taken.sort()
    print(f"one person: p50 {taken[len(taken) // 2] * 1000:.1f} ms, p95 {taken[len(taken) * 95 // 100] * 1000:.1f} ms")
    table = scheme_json(VALUE_PYRAMID) | {"weights": {"rfm_total": 1.0}}
    services.draft_save(code="pyramid", table=table, author_id=1, now=utc_now())
    timed("trial", lambda: sum(map(sum, services.draft_try(code="pyramid", now=utc_now()).what_if["persons"])))
    services.draft_discard(code="pyramid")
    models.ValueRun.objects.update(ended_at=None)
    timed("a full run that changes nothing", run)


if __name__ == "__main__":
    main()
