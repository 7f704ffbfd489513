"""A gate's screen over a real folder."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from edge.gate.outside import GateOptions
from edge.gate.screen.app import GateScreen
from sync.body import Body
from sync.names import Role
from tests.edge.screen import shown

Shown = shown.Shown[GateScreen]


def furnished(folder: Path, *bodies: Body) -> Path:
    """Make a gate's folder whose office has said these things."""
    return shown.furnished(folder, Role.GATE, *bodies)


@asynccontextmanager
async def running_screen(
    folder: Path, size: tuple[int, int] = (80, 24), **options: Any
) -> AsyncIterator[Shown]:
    """Run the screen of a folder's gate and wait until it is open."""
    app = GateScreen(GateOptions(folder, **options))
    async with app.run_test(size=size) as pilot:
        gate = Shown(app, pilot)
        await gate.is_open()
        yield gate
