"""A terminal in memory that speaks to a real office over real HTTP, for the office's tests."""

import random
from urllib.parse import urlsplit

import aiohttp

from provisioning.enrolment import writer_certificate
from provisioning.request_signing import (
    NONCE_HEADER,
    TERMINAL_HEADER,
    check_answer,
    receiver_id_of,
    sign_request,
)
from sync.body import Body
from sync.clock import TRUSTED_CLOCK, Moment
from sync.conversation import Conversation, Heard, Node, PartnerMemory
from sync.journal import Record, Writer
from sync.keys import PublicKey, SecretKey
from sync.names import Role, RunId, TerminalId
from sync.partner import Head
from sync.replica import Replica
from sync.shelf import MemoryLog, MemoryShelf

PATH = "/sync/v1/conversation"


class Box:
    """One terminal: its journal, what it heard, and how it signs its requests."""

    def __init__(
        self,
        festival: int,
        festival_key: PublicKey,
        office_certificate: bytes,
        office_key: SecretKey,
        role: Role,
        name: str,
        seed: int,
    ) -> None:
        chance = random.Random(seed)
        self.terminal = TerminalId(chance.randbytes(16))
        self.identity = SecretKey(chance.randbytes(32))
        self.name = name
        self.role = role
        self.certificate = writer_certificate(
            festival, self.terminal, role, name, self.identity.public, office_key
        )
        self.chain = (office_certificate, self.certificate)
        self.office_key = office_key.public
        self.shelf = MemoryShelf()
        self.replica = Replica(festival, festival_key, self.shelf, role)  # type: ignore[arg-type]
        self.log = MemoryLog(self.replica, self.shelf, chance.randbytes(16))
        self.memory = PartnerMemory()
        self.nonce = ""
        self.offers: list[Head] | None = None  # with a list only own records are pushed
        self._festival = festival
        self._chance = chance
        self.now_ms = 1_795_000_000_000
        self.open_run()

    def open_run(self) -> None:
        chance = self._chance
        run_key = SecretKey(chance.randbytes(32))
        run = RunId(chance.randbytes(16))
        self.pen = Writer(self._festival, self.terminal, run, run_key)  # type: ignore[arg-type]
        mine = [r for r, _ in self.shelf.records if r.terminal == self.terminal]
        parent = mine[-1] if mine else None
        record = self.pen.open(self.identity, self.chain, parent, "test", "", self.moment())
        self.replica.write(record, self.role, self.name)

    def moment(self) -> Moment:
        self.now_ms += 1
        return Moment(self.now_ms, TRUSTED_CLOCK)

    def say(self, *bodies: Body) -> list[Record]:
        records = [self.pen.write(body, self.moment()) for body in bodies]
        for record in records:
            self.replica.write(record, self.role, self.name)
        return records

    def conversation(self) -> Conversation:
        node = Node(self.terminal, self.chain, self.role)
        only = None if self.offers is None else self.terminal
        return Conversation(node, None, self.memory, self.log, only)

    def signed(self, body: bytes, nonce: str | None = None, path: str = PATH) -> dict[str, str]:
        return sign_request(
            self.identity,
            "POST",
            path,
            body,
            receiver_id_of(self.office_key),
            self.nonce if nonce is None else nonce,
            self.terminal,
        )

    async def exchange(self, session: aiohttp.ClientSession, url: str) -> Heard:
        """Exchange once and take the answer; the office must have signed it."""
        talk = self.conversation()
        body = talk.say(offered=self.offers or ())
        for _ in range(2):
            headers = self.signed(body, path=urlsplit(url).path + PATH)
            async with session.post(url + PATH, data=body, headers=headers) as answer:
                content = await answer.read()
                self.nonce = answer.headers[NONCE_HEADER]
                if answer.status == 200:
                    assert check_answer(self.office_key, headers, content, answer.headers)
                    heard = talk.hear(content)
                    self.memory = talk.memory
                    return heard
                assert answer.status == 401, content
        raise AssertionError("the office refused its own nonce")

    async def level(self, session: aiohttp.ClientSession, url: str) -> int:
        """Exchange until nothing is left to say; return how many exchanges it took."""
        for count in range(1, 200):
            if not (await self.exchange(session, url)).more:
                return count
        raise AssertionError("the conversation does not end")


def other_terminal(box: Box) -> dict[str, str]:
    """Return headers that name somebody else."""
    return {TERMINAL_HEADER: bytes(reversed(box.terminal)).hex()}
