"""One gate or till of a simulated world: the real terminal, with only clock, disk and line fake."""

import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from edge.bar.desk import TillDesk
from edge.gate.desk import GateDesk
from edge.headless import Answer, obeyed
from edge.lane import LaneStopped
from edge.office_talk import OfficeTalk
from edge.parts import Parts
from edge.store.connection import STORE_FILE, StoreTrouble
from edge.terminal import Terminal
from sync.cells import Cells
from sync.names import Role
from tests.simulation.clocks import SimClock
from tests.simulation.disk import PowerCut, SimConnection, copy_image, put_image
from tests.simulation.festival import terminal_of
from tests.simulation.plan import BoxPlan
from tests.simulation.trouble import Violation

if TYPE_CHECKING:
    from tests.simulation.lan import LanSide
    from tests.simulation.world import World

T = TypeVar("T")
_TROUBLE_PARTS = ("", "-wal")


class Died(Exception):
    """The box is off: its power went out or its disk failed, and it said nothing any more."""


class Box:
    """A gate or till. `knows` are the acts that its store holds, `acked` those it knows to be safe.

    `lives` counts how often its disk was replaced: a box from an older image is another one to
    whoever believed what it said since.
    """

    terminal: Terminal
    desk: GateDesk | TillDesk
    talk: OfficeTalk
    parts: Parts

    def __init__(self, world: "World", plan: BoxPlan, image: "Image | None" = None) -> None:
        self.world = world
        self.plan = plan
        self.role = plan.role
        self.name = plan.name
        self.id = terminal_of(plan.number)
        if image is None:
            self.folder = world.festival.box_folder(plan.number, plan.role, world.folder)
        else:
            self.folder = image.path
        self.clock = SimClock(world.agenda, plan.error_ms, plan.drift_per_million)
        self.is_on = False
        self.is_revoked = False
        self.boots = 0
        self.lives = 0
        self.knows = 0
        self.acked: int = 0 if image is None else image.acked
        self.seen = 0
        self.cut_at = ""
        self.on_since_ms = 0
        self.lan: LanSide | None = None
        self.shown: set[bytes] = set() if image is None else set(image.shown)

    @property
    def cells(self) -> Cells:
        """The folded state."""
        return self.terminal.store.shelf.cells

    @property
    def written(self) -> tuple[int, int]:
        """How often the box was started, and how many rows its store has changed since."""
        return self.boots, self.terminal.store.connection.total_changes

    @property
    def is_gate(self) -> bool:
        """Whether it is a gate and not a till."""
        return self.role is Role.GATE

    # --- power ---

    def power_on(self) -> bool:
        """Start the box from its files; False if its disk does not let it."""
        self.clock.boot()
        self.boots += 1
        try:
            self.terminal = Terminal(
                self.folder,
                self.role,
                clock=self.clock,
                synchronised=self.plan.trusts_wall,
                step=self._step,
                opens_run=False,
            )
        except PowerCut:
            self._put_back()
            return False
        except (StoreTrouble, sqlite3.Error) as trouble:
            self.world.story.say(f"{self.name} cannot start: {trouble}")
            return False
        terminal = self.terminal
        if self.is_gate:
            self.desk, self.parts = GateDesk(terminal), Parts(terminal)
        else:
            till = TillDesk(terminal)
            self.desk, self.parts = till, till.duty.parts
        self.talk = OfficeTalk(terminal)
        self.is_on = True
        self.on_since_ms = self.world.agenda.now_ms
        self.lan = self.world.lan_side(self)
        return self._begin()

    def _begin(self) -> bool:
        """Ask others what they hold of the own journal, then open the run, as a box does."""
        try:
            self.world.take_back(self)
            if self.terminal.run is None and not self.terminal.is_recovering:
                self.lane(self.terminal.open_run)
        except Died:
            return False
        return True

    def _step(self, name: str) -> None:
        """Let the power go out here, if it was to."""
        if name != self.cut_at:
            return
        self.cut_at = ""
        self._keep_image()
        raise PowerCut(name)

    def cut_power(self) -> None:
        """Let the power go out now, between two jobs."""
        self._keep_image()
        self.drop()
        self._put_back()

    def restart(self) -> None:
        """Stop the box in order; its power may go out over that as well, or its disk fail."""
        self.is_on = False
        try:
            self.terminal.close()
        except PowerCut:
            self._put_back()
        except StoreTrouble as trouble:
            self.world.story.say(f"{self.name} cannot end in order: {trouble}")

    def fail_next_commit(self, fault: str) -> None:
        """Let the next commit fail: `eio_lost`, `eio_kept`, `power_lost` or `power_kept`."""
        connection = cast("SimConnection", self.terminal.store.connection)
        connection.at_commit = self._keep_image
        connection.fault = fault

    def _keep_image(self) -> None:
        copy_image(self.folder, self.folder.with_name(self.folder.name + "-cut"))

    def _put_back(self) -> None:
        self.is_on = False
        put_image(self.folder.with_name(self.folder.name + "-cut"), self.folder)

    def drop(self) -> None:
        """Drop a process: what it had in memory is gone."""
        self.is_on = False
        self.terminal.store.connection.close()
        self.terminal._lock.release()

    # --- work ---

    def lane(self, job: Callable[[], T]) -> T:
        """Do a job in the lane; `Died` if the box did not live through it."""
        if not self.is_on:
            raise Died(self.name)
        lane = self.terminal.lane
        self.world.touched.add(self.name)
        try:
            future = lane.ask(job)
            lane.work_off()
            return future.result(0)
        except PowerCut as cut:
            self.world.story.say(f"power cut at {self.name} ({cut})")
            self.drop()
            self._put_back()
            raise Died(self.name) from cut
        except (StoreTrouble, LaneStopped, sqlite3.Error) as trouble:
            self.world.story.say(f"{self.name} cannot record: {trouble}")
            self.terminal.close()
            self.is_on = False
            raise Died(self.name) from trouble

    def do(self, what: str, **command: Any) -> Answer:
        """Give the desk a command as a hand on the box would."""
        action = self.desk.commands()[what]
        return self.lane(lambda: obeyed(action, command))

    # --- what it holds, read beside the product ---

    def learn(self) -> None:
        """Read which acts are in the journal now."""
        rows = self.rows("SELECT arrival, id FROM journal WHERE arrival > ?", self.seen)
        for arrival, fact in rows:
            self.seen = max(self.seen, arrival)
            self.knows |= self.world.books.mark_of(fact)

    def rows(self, question: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the store's file itself."""
        return self.terminal.store.connection.execute(question, values).fetchall()

    def own_facts(self) -> set[bytes]:
        """Return the ids of every record of this box that its own store holds."""
        return {row[0] for row in self.rows("SELECT id FROM journal WHERE terminal = ?", self.id)}

    def check_shown(self) -> None:
        """See that everything that a screen showed as OK is still there."""
        lost = self.shown - self.own_facts()
        if lost:
            acts = ", ".join(sorted(self.world.books.name_of(fact) for fact in lost))
            raise Violation("shown OK survives", f"{self.name} has lost {acts}")

    # --- other disks ---

    def take_image(self) -> "Image":
        """Copy this box's disk as it is now."""
        path = self.world.folder / f"image-{self.plan.number}-{self.world.agenda.now_ms}"
        copy_image(self.folder, path)
        return Image(self, path)

    def lose_store(self) -> None:
        """Let the store be gone when the box is off, as after a card was replaced."""
        for part in _TROUBLE_PARTS:
            (self.folder / f"{STORE_FILE}{part}").unlink(missing_ok=True)
        self._forget()

    def put_image(self, image: "Image") -> None:
        """Let the box have an older disk, while it is off."""
        put_image(image.path, self.folder)
        self._forget()
        self.shown, self.acked = set(image.shown), image.acked

    def _forget(self) -> None:
        self.knows = self.seen = self.acked = 0
        self.shown = set()
        self.lives += 1


class Image:
    """A copy of a box's disk, and what it held."""

    def __init__(self, box: Box, path: Any) -> None:
        self.path = path
        self.shown = frozenset(box.shown)
        self.acked = box.acked
        self.places = 0
