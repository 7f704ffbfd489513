"""Figures of one gate for Prometheus. No serial, code, session or name is in any of them."""

from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from sync.telling import Answer

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
_DECISION_S: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_MIB: Final = 1 << 20


class Metrics:
    """The figures of one gate; `count` in the lane, the rest in the API's loop."""

    def __init__(self) -> None:
        """Begin from nothing, in a registry of its own."""
        self.registry = CollectorRegistry()
        self._verdicts = Counter(
            "guichet_gate_verdicts",
            "Verdicts since this process started, whoever asked for them.",
            ("verdict", "reason"),
            registry=self.registry,
        )
        self._decisions = Histogram(
            "guichet_gate_api_decision_seconds",
            "From a request of the scan API to its verdict, on the disk if it counts.",
            buckets=_DECISION_S,
            registry=self.registry,
        )
        self._up = self._gauge("up", "Whether the gate can answer: 1 or 0.")
        self._jobs = self._gauge("api_jobs_waiting", "Jobs that the scan API waits for.")
        self._figures = {
            "only_here": self._gauge("facts_only_here", "Own facts that the office has not heard."),
            "alone_s": self._gauge("alone_seconds", "For how long no partner has been heard."),
            "inside": self._gauge("inside", "Guests inside the gate's zone, as known here."),
            "disk_free": self._gauge("disk_free_bytes", "Room on the disk of the store."),
            "connected": self._gauge("connected", "Whether the office can be reached: 1 or 0."),
            "recovering": self._gauge("recovering", "Whether the store was lost: 1 or 0."),
            "copied": self._gauge("copied", "Whether there are two of it: 1 or 0."),
            "revoked": self._gauge("revoked", "Whether the office has revoked it: 1 or 0."),
        }

    def count(self, answer: Answer) -> None:
        """Count one verdict of the gate."""
        self._verdicts.labels(answer["verdict"], answer["reason"]).inc()

    def decided(self, microseconds: int) -> None:
        """Note how long the scan API took for one verdict."""
        self._decisions.observe(microseconds / 1_000_000)

    def page(self, status: dict[str, Any] | None, jobs_waiting: int) -> bytes:
        """Return all figures as text; without a status the gate is down and its last ones stay."""
        self._up.set(0 if status is None else 1)
        self._jobs.set(jobs_waiting)
        if status is not None:
            values = {
                "only_here": status["only_here"],
                "alone_s": status["data_age_ms"] / 1000,
                "inside": status["counters"]["inside"],
                "disk_free": status["disk_free_mib"] * _MIB,
                "connected": int(status["connected"]),
                "recovering": int(status["recovering"]),
                "copied": int(status["copied"]),
                "revoked": int(status["revoked"]),
            }
            for name, value in values.items():
                self._figures[name].set(value)
        return generate_latest(self.registry)

    def _gauge(self, name: str, words: str) -> Gauge:
        return Gauge(f"guichet_gate_{name}", words, registry=self.registry)
