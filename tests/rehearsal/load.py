"""Sends many requests at once over kept connections and says how long each took.

A process of its own, so that what it costs stands beside the office and not in it:
`python -m tests.rehearsal.load HOST PORT CLIENTS` reads requests as JSON lines
(method, path, headers, body), then sends them from so many clients, each waiting for its answer.
One JSON object comes out. It speaks just enough HTTP for an office's answers, to stay light.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

NANOSECONDS: Final = 1_000_000_000
_MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of a load: how many a second, how long each took, what was answered."""

    count: int
    seconds: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    statuses: dict[str, int]

    @property
    def per_s(self) -> float:
        """How many requests were answered in a second."""
        return self.count / self.seconds


def request_bytes(host: str, method: str, path: str, headers: dict[str, str], body: Any) -> bytes:
    """Return a request as it goes over the line."""
    content = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(content)}"]
    if content:
        lines.append("Content-Type: application/json")
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + content


async def send(host: str, port: int, requests: Sequence[bytes], clients: int) -> Measured:
    """Send requests from so many clients at once, each the next one when it was answered."""
    left = iter(requests)
    times: list[int] = []
    statuses: Counter[str] = Counter()

    async def client() -> None:
        reader, writer = await asyncio.open_connection(host, port)
        for content in left:
            began = time.perf_counter_ns()
            writer.write(content)
            status = await _answer(reader)
            times.append(time.perf_counter_ns() - began)
            statuses[status] += 1
        writer.close()

    began = time.perf_counter_ns()
    await asyncio.gather(*(client() for _ in range(clients)))
    seconds = (time.perf_counter_ns() - began) / NANOSECONDS
    times.sort()
    p50, p95, p99 = (_part(times, share) for share in (50, 95, 99))
    return Measured(len(times), seconds, p50, p95, p99, dict(statuses))


async def _answer(reader: asyncio.StreamReader) -> str:
    """Read one answer whole and return its status."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    if length:
        await reader.readexactly(length)
    return head[9:12].decode()


def _part(times: list[int], percent: int) -> float:
    """Return below which time (ms) so many percent of the answers came."""
    return times[min(len(times) - 1, len(times) * percent // 100)] / _MILLION if times else 0.0


def read_requests(host: str, lines: Iterable[str]) -> list[bytes]:
    """Return the requests that JSON lines describe."""
    rows = (json.loads(line) for line in lines if line.strip())
    return [
        request_bytes(host, row["method"], row["path"], row["headers"], row.get("body"))
        for row in rows
    ]


def main() -> int:
    """Read requests, send them, print what came of it."""
    host, port, clients = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    requests = read_requests(host, sys.stdin)
    found = asyncio.run(send(host, port, requests, clients))
    row = {name: getattr(found, name) for name in Measured.__slots__}
    print(json.dumps(row | {"per_s": found.per_s}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
