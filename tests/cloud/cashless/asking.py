"""A till that asks the authority over real HTTP, and checks what it is answered."""

from provisioning.request_signing import NONCE_HEADER, check_answer
from sync import allotments
from sync.allotments import wallet_resource
from sync.asking import Asked, Question, Reply, read_reply, spell
from tests.cloud.box import Box
from tests.cloud.offices import TestOffice

PATH = "/sync/v1/authority"


def loan(wallet: int, amount: int, operation: int = 1, wristband: int | None = None) -> Question:
    return Question(int(Asked.LOAN), operation.to_bytes(16, "big"), wallet, amount, wristband)


def pay_out(wallet: int, amount: int, operation: int = 1) -> Question:
    return Question(int(Asked.PAY_OUT), operation.to_bytes(16, "big"), wallet, amount)


def link(
    wallet: int,
    wristband: int | None,
    claim: str | None = None,
    approved_by: int | None = None,
    operation: int = 1,
) -> Question:
    number = operation.to_bytes(16, "big")
    return Question(int(Asked.LINK), number, wallet, 0, wristband, claim, approved_by)


async def post(
    office: TestOffice, box: Box, body: bytes, headers: dict[str, str] | None = None
) -> tuple[int, bytes, dict[str, str]]:
    """Post a body once, signed by the box unless other headers are given."""
    sent = box.signed(body, path=PATH) if headers is None else headers
    async with office.session.post(office.url + PATH, data=body, headers=sent) as answer:
        content = await answer.read()
        box.nonce = answer.headers.get(NONCE_HEADER, box.nonce)
        if answer.status == 200:
            assert check_answer(box.office_key, sent, content, answer.headers)
        return answer.status, content, dict(answer.headers)


async def ask_raw(office: TestOffice, box: Box, body: bytes) -> tuple[int, bytes]:
    """Ask as tills do: a 401 brings a nonce, then once more."""
    status, content, _ = await post(office, box, body)
    if status == 401:
        status, content, _ = await post(office, box, body)
    return status, content


async def ask(office: TestOffice, box: Box, question: Question) -> Reply:
    """Ask, and fold the records of the answer at once."""
    status, content = await ask_raw(office, box, spell(question))
    assert status == 200, content
    reply = read_reply(content)
    taken = box.replica.take(reply.records)
    assert all(str(one.outcome) in {"new", "known"} for one in taken)
    return reply


def held(box: Box, wallet: int) -> int:
    """Return what the box itself knows to hold of a wallet's loans."""
    return allotments.held(box.shelf.cells, wallet_resource(wallet), box.terminal)
