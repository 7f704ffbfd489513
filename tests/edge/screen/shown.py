"""How a test reads what stands on a box's screen, and acts before it."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from textual.pilot import Pilot

from edge.screen.app import BoxScreen
from hardware.bench import ManualClock
from hardware.ports import Heard
from sync.body import Body
from sync.names import Role
from tests.edge.boxes import NOW_MS, make_folder, office_says, opened

WAIT_S: Final = 20
FRAMES: Final = re.compile(r"[▊▎▔▁█▐▌▀▄╔═╗║╚╝┏━┓┃┗┛╭─╮│╰╯]+")
AppT = TypeVar("AppT", bound=BoxScreen[Any])


def furnished(folder: Path, role: Role, *bodies: Body) -> Path:
    """Make the folder of a box to which the office has said these things."""
    terminal = opened(make_folder(folder, role.name.lower()), role, ManualClock(NOW_MS))
    terminal.lane.run(lambda: office_says(terminal, *bodies))
    terminal.close()
    return folder


class Shown(Generic[AppT]):
    """A running screen."""

    def __init__(self, app: AppT, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot

    def text(self) -> str:
        """Return every word on the screen, without frames and blocks, in reading order.

        Of the rows of the panel only what stands in it counts, not what stands beside it.
        """
        strips = self.app.screen._compositor.render_strips()
        panel = self.app.query_one("#panel").region
        rows = []
        for y, strip in enumerate(strips):
            is_middle = panel.y <= y < panel.bottom
            text = strip.text[panel.x : panel.right] if is_middle else strip.text
            rows.append(FRAMES.sub(" ", text))
        return " ".join(" ".join(rows).split())

    async def sees(self, *parts: str) -> str:
        """Wait until all these words stand on the screen."""
        return await self.until(lambda text: all(part in text for part in parts), str(parts))

    async def until(self, holds: Callable[[str], bool], what: str) -> str:
        """Wait until something holds of the text on the screen, and return the text."""
        for _ in range(WAIT_S * 20):
            await self.pilot.pause()
            if holds(self.text()):
                return self.text()
            await asyncio.sleep(0.05)
        message = f"never seen: {what}\n{self.text()}"
        raise AssertionError(message)

    async def is_open(self) -> None:
        """Wait until the box has an inside and the screen knows its counters."""
        await self.until(lambda _: self.app.stage.keeper.box is not None, "an open box")
        await self.until(lambda _: self.app.stage.counters is not None, "counters")

    async def press(self, *keys: str) -> None:
        """Press keys at a person's pace."""
        for key in keys:
            await self.pilot.press(key)
            await asyncio.sleep(0.06)
            await self.pilot.pause()

    async def show(self, text: str) -> None:
        """Hold a code before the box's scanner."""
        heard = Heard(text, None, "scanner")
        await asyncio.to_thread(self.app.stage.keeper.outside.hear, heard)
        await self.pilot.pause()

    async def lane(self, job: Callable[[], Any]) -> Any:
        """Do something in the box's lane."""
        box = self.app.stage.keeper.box
        assert box is not None
        return await asyncio.to_thread(box.terminal.lane.run, job)

    async def hears(self, *bodies: Body, number: int) -> None:
        """Let the box hear an office process say something."""
        box = self.app.stage.keeper.box
        assert box is not None
        await self.lane(lambda: office_says(box.terminal, *bodies, number=number))
