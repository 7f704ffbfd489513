"""How a terminal is, in the words of its status line: line, journal, age of data, clock, disk."""

import shutil
from typing import Any

from edge.terminal import Terminal
from edge.uplink import Uplink
from sync import catalogue


def health(terminal: Terminal, uplink: Uplink) -> dict[str, Any]:
    """Return what a status line shows; in the lane only. Times in ms, the disk in MiB."""
    quality = terminal.moment().quality
    is_alone = terminal.is_alone()
    return {
        "connected": uplink.is_connected,
        "line": uplink.trouble,
        "refused": uplink.is_refused,
        "alone_since_ms": terminal.last_heard_ms if is_alone else None,
        "alone": is_alone,
        "heard": terminal.last_heard_ms is not None,
        "data_age_ms": terminal.alone_ms(),
        "neighbours": terminal.lan()["neighbours"],
        "only_here": terminal.only_here(),
        "clock": quality.state.name.lower(),
        "uncertainty_ms": quality.uncertainty_ms,
        "now_ms": terminal.moment().now_ms,
        "disk_free_mib": shutil.disk_usage(terminal.folder).free >> 20,
        "recovering": terminal.is_recovering,
        "copied": terminal.is_copied,
        "revoked": catalogue.is_revoked(terminal.store.shelf.cells, terminal.manifest.terminal_id),
    }
