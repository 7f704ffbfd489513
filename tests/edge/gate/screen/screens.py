"""A gate's screen over a real folder, and how to read what stands on it."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from edge.gate.outside import GateOptions
from edge.gate.screen.app import GateScreen
from hardware.bench import ManualClock
from hardware.ports import Heard
from sync.body import Body
from sync.names import Role
from tests.edge.boxes import NOW_MS, make_folder, office_says, opened

WAIT_S = 20
_FRAMES = re.compile(r"[▊▎▔▁█▐▌▀▄╔═╗║╚╝┏━┓┃┗┛╭─╮│╰╯]+")


def furnished(folder: Path, *bodies: Body) -> Path:
    """Make a gate's folder whose office has said these things."""
    terminal = opened(make_folder(folder, "gate"), Role.GATE, ManualClock(NOW_MS))
    terminal.lane.run(lambda: office_says(terminal, *bodies))
    terminal.close()
    return folder


class Shown:
    """A running screen."""

    def __init__(self, app: GateScreen, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot

    def text(self) -> str:
        """Return every word on the screen, without frames and blocks, in reading order."""
        strips = self.app.screen._compositor.render_strips()
        panel = self.app.query_one("#panel").region
        rows = []
        for y, strip in enumerate(strips):
            is_middle = panel.y <= y < panel.bottom
            text = strip.text[panel.x : panel.right] if is_middle else strip.text
            rows.append(_FRAMES.sub(" ", text))
        return " ".join(" ".join(rows).split())

    async def sees(self, *parts: str) -> str:
        """Wait until all these words stand on the screen."""
        return await self.until(lambda text: all(part in text for part in parts), str(parts))

    async def until(self, holds: Callable[[str], bool], what: str) -> str:
        for _ in range(WAIT_S * 20):
            await self.pilot.pause()
            if holds(self.text()):
                return self.text()
            await asyncio.sleep(0.05)
        message = f"never seen: {what}\n{self.text()}"
        raise AssertionError(message)

    async def press(self, *keys: str) -> None:
        """Press keys at a person's pace."""
        for key in keys:
            await self.pilot.press(key)
            await asyncio.sleep(0.06)
            await self.pilot.pause()

    async def show(self, text: str) -> None:
        """Hold a code before the gate's scanner."""
        heard = Heard(text, None, "scanner")
        await asyncio.to_thread(self.app.keeper.outside.hear, heard)
        await self.pilot.pause()

    async def lane(self, job: Callable[[], Any]) -> Any:
        """Do something in the gate's lane."""
        box = self.app.keeper.box
        assert box is not None
        return await asyncio.to_thread(box.terminal.lane.run, job)

    async def hears(self, *bodies: Body, number: int) -> None:
        """Let the gate hear an office process say something."""
        box = self.app.keeper.box
        assert box is not None
        await self.lane(lambda: office_says(box.terminal, *bodies, number=number))


@asynccontextmanager
async def running_screen(
    folder: Path, size: tuple[int, int] = (80, 24), **options: Any
) -> AsyncIterator[Shown]:
    """Run the screen of a folder's gate and wait until it is open."""
    app = GateScreen(GateOptions(folder, **options))
    async with app.run_test(size=size) as pilot:
        shown = Shown(app, pilot)
        await shown.until(lambda _: app.keeper.box is not None, "an open gate")
        await shown.until(lambda _: app.stage.counters is not None, "counters")
        yield shown
