"""The office of a simulated world: the real one behind the door at which requests are proved.

What the routes do beside their HTTP stands here in the same order: who says it, is the nonce ours,
does the signature hold, may this certificate connect. Then the real jobs run in a transaction.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from cloud.cashless.service import ask
from cloud.exchange.service import Exchanged, exchange, judge
from cloud.festivals.service import state
from cloud.festivals.statements import BadStatement
from cloud.office import Office
from provisioning.request_signing import (
    NONCE_HEADER,
    NonceMint,
    check_request,
    receiver_id_of,
    sign_answer,
    terminal_of,
)
from sync.asking import read_question
from sync.body import Body
from sync.cells import Cells
from sync.certificates import Certificate, read_chain
from sync.clock import TRUSTED_CLOCK, Moment
from sync.conversation import speaker
from sync.linking import Claimed, claim_proof
from sync.names import TerminalId
from tests.simulation.disk import PowerCut, SimConnection, copy_image, put_image

if TYPE_CHECKING:
    from tests.simulation.world import World

T = TypeVar("T")
CONVERSATION = "/sync/v1/conversation"
AUTHORITY = "/sync/v1/authority"


@dataclass(frozen=True)
class Request:
    """What a box sends: its headers and its body, to a path."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What the office answers; `knows` are the acts that it held then."""

    status: int
    headers: dict[str, str]
    body: bytes
    knows: int = 0


class SimOffice:
    """The office, its door, and its disk."""

    office: Office
    name = "the office"

    def __init__(self, world: "World", error_ms: int) -> None:
        self.world = world
        self.folder = world.festival.office_folder(world.folder)
        self.mint = NonceMint(world.stream("mint").randbytes(32))
        self._draw = world.stream("office")
        self.error_ms = error_ms
        self.lives = 0
        self.starts = 0
        self.knows = 0
        self.seen = 0
        self.is_on = False
        self._receiver = receiver_id_of(self.folder.key.public)

    @property
    def cells(self) -> Cells:
        """The folded state."""
        return self.office.cells

    @property
    def written(self) -> tuple[int, int]:
        """How often a process was started, and how many rows its store has changed since."""
        return self.starts, cast("SimConnection", self.office.store._connection).total_changes

    def power_on(self) -> None:
        """Start a process of the office."""
        self.office = Office(self.folder, self._moment, self._draw.randbytes, "simulated")
        self.is_on = True
        self.starts += 1
        self.seen = self.knows = 0
        self.learn()

    def restart(self) -> None:
        """Stop the process in order and start another."""
        self.office.close()
        self.power_on()

    def take_image(self) -> Path:
        """Copy the office's disk as it is now."""
        path = self.world.folder / f"office-{self.world.agenda.now_ms}"
        copy_image(self.folder.path, path)
        return path

    def put_image(self, image: Path) -> None:
        """Let the office have an older disk."""
        self.drop()
        self.lives += 1
        put_image(image, self.folder.path)
        self.power_on()

    def drop(self) -> None:
        """Drop the process."""
        self.is_on = False
        self.office.store.close()
        self.office._lock.release()

    def converse(self, terminal: bytes, content: bytes) -> bytes | None:
        """Hear a terminal that stands before the office; None if the office died over it."""
        certificate = speaker(content, self.folder.festival_key, self.folder.festival)
        if certificate is None or certificate.holder != terminal:
            raise TypeError(terminal)
        result = self.transact(exchange(certificate, content))
        if result is None:
            return None
        if not isinstance(result, Exchanged):
            raise TypeError(result)
        return result.answer

    def fail_next_commit(self, fault: str) -> None:
        """Let the power go out at the next commit, `power_lost` or `power_kept`."""
        connection = cast("SimConnection", self.office.store._connection)
        connection.at_commit = self._keep_image
        connection.fault = fault

    def transact(self, job: Callable[[Office], T]) -> T | None:
        """Do one job as the writer does; None if the power went out, and then it starts anew."""
        try:
            (result,) = self.office.transact([job])
        except PowerCut as cut:
            self.world.story.say(f"power cut at the office ({cut})")
            self._start_anew()
            return None
        self.learn()
        self.world.touched.add(self.name)
        return cast("T", result)

    def say(self, *bodies: Body) -> None:
        """State facts as the office does beside its door."""
        if self.transact(lambda office: len(office.say(*bodies))) is None:
            self.say(*bodies)

    def state(self, *rows: dict[str, object]) -> bool:
        """State rows as an organiser's command does; False if they were refused."""
        result = self.transact(lambda office: state(office, rows))
        return isinstance(result, dict) and not isinstance(result, BadStatement)

    # --- the door ---

    def hear(self, request: Request) -> Answer | None:
        """Answer a request that came over a line; None if the office died over it."""
        headers, now_s = request.headers, self._now_ms() // 1000
        fresh = {NONCE_HEADER: self.mint.give(now_s)}
        who = terminal_of(headers)
        if who is None or not self.mint.good(headers.get(NONCE_HEADER, ""), now_s):
            return Answer(401, fresh, b"")
        certificate = self._proved(request, TerminalId(who), now_s)
        if isinstance(certificate, int):
            return Answer(certificate, fresh, b"")
        if request.path == AUTHORITY:
            result: Any = self._ask(request, TerminalId(who))
        else:
            result = self.transact(exchange(certificate, request.body))
        if result is None:
            return None
        body = result.answer if isinstance(result, Exchanged) else result
        if not isinstance(body, bytes):
            return Answer(403, fresh, b"")
        proof = sign_answer(self.folder.key, headers, body, self._now_ms())
        return Answer(200, {**proof, **fresh}, body, self.knows)

    def _proved(self, request: Request, who: TerminalId, now_s: int) -> Certificate | int:
        """Return who truly says this, or the status with which it is refused."""
        folder = self.folder
        certificate: Certificate | None
        if request.path == AUTHORITY:
            chain = (folder.certificate, self.world.certificates.get(who, b""))
            certificate = read_chain(chain, folder.festival_key, folder.festival)
        else:
            certificate = speaker(request.body, folder.festival_key, folder.festival)
        if certificate is None or certificate.holder != who:
            return 403
        trouble = check_request(
            certificate.key,
            "POST",
            request.path,
            request.body,
            self._receiver,
            request.headers,
            self.mint,
            now_s,
        )
        if trouble is not None:
            return 401
        return certificate if judge(certificate, now_s) is None else 403

    def _ask(self, request: Request, who: TerminalId) -> Any:
        """Answer a till's question; a claim was compared beside the writer, and fits."""
        question = read_question(request.body)
        proof = claim_proof(self.cells, question.wallet) if question.claim is not None else None
        claimed = Claimed(proof, fits=proof is not None)
        return self.transact(ask(who, question, request.body, claimed))

    # --- what it holds ---

    def learn(self) -> None:
        """Read which acts are in the journal now."""
        rows = self.rows("SELECT arrival, id FROM record WHERE arrival > ?", self.seen)
        for arrival, fact in rows:
            self.seen = max(self.seen, arrival)
            self.knows |= self.world.books.mark_of(fact)

    def rows(self, question: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the store's file itself."""
        return self.office.store._connection.execute(question, values).fetchall()

    def state_of(self) -> Mapping[str, int]:
        """Return what no message that is not genuine may change."""
        (count,) = self.rows("SELECT count(*) FROM record")[0]
        return {"records": count}

    def _moment(self) -> Moment:
        return Moment(self._now_ms(), TRUSTED_CLOCK)

    def _now_ms(self) -> int:
        return max(0, self.world.agenda.true_ms + self.error_ms)

    def _keep_image(self) -> None:
        copy_image(self.folder.path, self.folder.path.with_name("office-cut"))

    def _start_anew(self) -> None:
        self.drop()
        put_image(self.folder.path.with_name("office-cut"), self.folder.path)
        self.power_on()


__all__ = ["AUTHORITY", "CONVERSATION", "Answer", "Request", "SimOffice"]
