"""`/metrics` for Prometheus: requests of all web processes, and how the pipeline stands. Numbers only, protected by a token."""

import hmac
import os
import shutil
from collections.abc import Iterator

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from huitou.apps.base.clock import utc_now
from huitou.apps.base.jobs import worker_lease
from huitou.apps.base.leases import is_held
from huitou.apps.base.queries import jobs_by_state
from huitou.apps.builds.queries import version_stamp
from huitou.apps.gateway.queries import deliveries_waiting
from huitou.apps.intake.queries import source_lags, waiting_rows


class Pipeline(Collector):
    """What the database says at the moment of the scrape."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the gauges."""
        now = utc_now()
        jobs = GaugeMetricFamily("huitou_jobs", "Jobs by state", labels=["state"])
        for state, count in jobs_by_state().items():
            jobs.add_metric([state], count)
        yield jobs
        lags = GaugeMetricFamily("huitou_source_lag_seconds", "Seconds since a source last brought a row", labels=["source"])
        for code, last_at in source_lags().items():
            lags.add_metric([code], (now - last_at).total_seconds())
        yield lags
        yield GaugeMetricFamily("huitou_inbox_rows", "Rows that wait to be sealed", value=waiting_rows())
        yield GaugeMetricFamily("huitou_webhook_deliveries", "Deliveries that wait", value=deliveries_waiting())
        yield GaugeMetricFamily(
            "huitou_worker_up", "1 when the worker renews its lease", value=int(is_held(worker_lease(0), now))
        )
        published = version_stamp().published_at
        if published is not None:
            age = (now - published).total_seconds()
            yield GaugeMetricFamily("huitou_version_age_seconds", "Seconds since the last publish", value=age)
        free = shutil.disk_usage(settings.HUITOU_DATA_DIR).free
        yield GaugeMetricFamily("huitou_disk_free_bytes", "Free bytes where the data lies", value=free)


@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer a scrape that carries the token of HUITOU_METRICS_TOKEN; without one set there is no such page."""
    if not settings.METRICS_TOKEN:
        raise Http404("HUITOU_METRICS_TOKEN is not set")
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
        return HttpResponse(status=401, headers={"WWW-Authenticate": 'Bearer realm="metrics"'})
    pipeline = CollectorRegistry()
    pipeline.register(Pipeline())
    requests = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):  # several web processes: their files are added up
        requests = CollectorRegistry()
        MultiProcessCollector(requests)  # type: ignore[no-untyped-call]
    return HttpResponse(generate_latest(requests) + generate_latest(pipeline), content_type=CONTENT_TYPE_LATEST)
