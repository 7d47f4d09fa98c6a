"""What happens here, in the text form that Prometheus reads. The counts are those of this process."""

import time
from collections.abc import Iterator

from django.db import DatabaseError
from django.utils import timezone
from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as TYPE

from kb.api.health import mails_waiting
from kb.delivery.layer import running as layers
from kb.guard import reports
from kb.jobs.models import Job

__all__ = ["TYPE", "MetricsMiddleware", "told"]

disable_created_metrics()  # type: ignore[no-untyped-call]
registry = CollectorRegistry()
requests = Counter(
    "codebook_requests", "Answers by kind of page and status.", ["kind", "status"], registry=registry
)
seconds = Histogram(
    "codebook_request_seconds",
    "Time to answer by kind of page.",
    ["kind"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=registry,
)


class MetricsMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        begun = time.perf_counter()
        response = self.get_response(request)
        kind = kind_of(request)
        requests.labels(kind, response.status_code).inc()
        seconds.labels(kind).observe(time.perf_counter() - begun)
        return response


def kind_of(request) -> str:
    """The name of the page, few in all: the admin's many count as one, and so do addresses that lead nowhere."""
    match = request.resolver_match
    if match is None:
        return "none"
    return match.namespaces[0] if match.namespaces else match.url_name or "unnamed"


class Waiting:
    """What is looked up only when asked for."""

    def collect(self) -> Iterator[Metric]:
        breaches = CounterMetricFamily(
            "codebook_policy_breaches", "Reports by directive.", labels=["directive"]
        )
        for directive, count in reports.counts.items():
            breaches.add_metric([directive], count)
        yield breaches
        yield from _stored_pages()
        try:
            yield from _due()
            reachable = 1
        except DatabaseError:
            reachable = 0
        yield GaugeMetricFamily("codebook_database_up", "Whether the database answers.", value=reachable)


def _stored_pages():
    for store in (layer.store for layer in layers):
        yield CounterMetricFamily("codebook_stored_hits", "Answers from stored pages.", value=store.found)
        yield GaugeMetricFamily("codebook_stored_pages", "Pages that are stored.", value=len(store.pages))
        yield GaugeMetricFamily("codebook_stored_bytes", "What they take up.", value=store.bytes)


def _due():
    now = timezone.now()
    yield GaugeMetricFamily(
        "codebook_work_due", "Pieces of work that are due.", value=Job.objects.due(now).count()
    )
    yield GaugeMetricFamily(
        "codebook_work_open", "Pieces of work, also those for later.", value=Job.objects.open().count()
    )
    yield GaugeMetricFamily("codebook_outbox", "Mails that wait to be sent.", value=mails_waiting())


registry.register(Waiting())


def told() -> bytes:
    return generate_latest(registry)
