"""Figures of one office process for Prometheus; no name, code, serial or secret is in them."""

import hmac
from typing import Final

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

METRICS_TYPE: Final = CONTENT_TYPE_LATEST
_SECONDS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_BEARER: Final = "Bearer "


class Metrics:
    """The figures of this process; everything is counted in its event loop."""

    def __init__(self, key: str) -> None:
        """Begin from nothing, in a registry of its own; `key` is what Prometheus must show."""
        self._key = key
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "guichet_office_requests",
            "Requests since this process started, by operation and answer.",
            ("operation", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "guichet_office_request_seconds",
            "From a request's head to its answer, on the disk if it counts.",
            ("operation",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._festivals = Gauge(
            "guichet_office_festivals_open",
            "Festivals that this process has open.",
            registry=self.registry,
        )
        self._waiting = Gauge(
            "guichet_office_jobs_waiting",
            "Jobs that wait for a festival's writer, all festivals together.",
            registry=self.registry,
        )
        self._working = Gauge(
            "guichet_office_writers_open",
            "Festivals whose writer takes work; fewer than are open means a broken disk.",
            registry=self.registry,
        )

    def count(self, operation: str, status: int, milliseconds: int) -> None:
        """Count a request that was answered; "" is a request for nothing that there is."""
        name = operation or "unknown"
        self._requests.labels(name, str(status)).inc()
        self._seconds.labels(name).observe(milliseconds / 1_000)

    def opens(self, request: web.Request) -> bool:
        """Tell whether a request shows the key for figures."""
        shown = request.headers.get("Authorization", "")
        wanted = _BEARER + self._key
        return hmac.compare_digest(shown.encode(errors="replace"), wanted.encode())

    def page(self, festivals_open: int, writers_open: int, jobs_waiting: int) -> bytes:
        """Return all figures as text."""
        self._festivals.set(festivals_open)
        self._working.set(writers_open)
        self._waiting.set(jobs_waiting)
        return generate_latest(self.registry)


METRICS: Final = web.AppKey("metrics", Metrics)
