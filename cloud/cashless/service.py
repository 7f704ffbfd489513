"""What the office does with a till's question, in one transaction: judge, state, remember, answer.

How it is judged, and what of it is remembered, is the kernel's (`sync.granting`): a hub on the site
answers by the same rules.
"""

from collections.abc import Callable

from cloud.exchange.service import Refusal
from cloud.office import Office
from cloud.store.look import Look
from sync import catalogue, granting
from sync.asking import Asked, Question, Reply, spell
from sync.catalogue import is_revoked
from sync.certificates import Certificate, read_chain
from sync.facts import RunOpened
from sync.granting import REUSED, Answered, Standing
from sync.handover import OFFICE
from sync.keys import PublicKey, digest, pin_fits
from sync.limits import REPLY_RECORDS_MAX
from sync.linking import Claimed, claim_proof
from sync.loans import Judged, Reason, silent_tills
from sync.names import TerminalId


def identity(seen: Look, terminal: TerminalId, festival_key: PublicKey) -> Certificate | None:
    """Return the certificate that a terminal's runs bring, None if nothing is held of it.

    Whoever was never heard has no sales either: a terminal exchanges its journal first.
    """
    for opening in seen.openings(terminal, count_max=1):
        if isinstance(opening.body, RunOpened):
            return read_chain(opening.body.certificates, festival_key, opening.festival)
    return None


def proof_to_compare(question: Question, now_ms: int) -> Callable[[Look], bytes | None]:
    """Return a look for the proof that a question's claim must fit, None if there is none to try.

    Nobody waits for a comparison that the lock would throw away.
    """

    def see(seen: Look) -> bytes | None:
        if seen.asked.is_claim_locked(question.wallet, now_ms):
            return None
        return claim_proof(seen.cells, question.wallet)

    return see


def compare(claim: str, proof: bytes) -> Claimed:
    """Compare a claim with its proof; slow on purpose, so never in the writer's thread."""
    return Claimed(proof, pin_fits(claim, proof))


def ask(
    terminal: TerminalId, question: Question, content: bytes, claimed: Claimed
) -> Callable[[Office], bytes | Refusal]:
    """Return the job that answers a proved till's question; `content` are the question's bytes."""
    mark = digest(content)

    def job(office: Office) -> bytes | Refusal:
        if is_revoked(office.cells, terminal):
            return Refusal.REVOKED
        is_till = catalogue.bar_of(office.cells, terminal) is not None
        if not is_till and question.kind != Asked.PART:
            return Refusal.NO_TILL
        book, now_ms = office.store.asked, office.now_ms()
        given = granting.given_back(office.cells, terminal, question)
        before = book.answer(terminal, question.operation, now_ms)
        said = granting.said_before(before, mark, given)
        if said is not None:
            return Refusal.REUSED if said is REUSED else said
        judged = _judge(office, terminal, question, claimed, now_ms)
        reply = _stated(office, judged)
        if granting.is_remembered(judged):
            answered = Answered(mark, reply, judged.granted, given)
            book.put_answer(terminal, question.operation, answered, now_ms)
        return reply

    return job


def _judge(
    office: Office, terminal: TerminalId, question: Question, claimed: Claimed, now_ms: int
) -> Judged:
    """Judge a question and count its claim if it is wrong."""
    store = office.store
    if not office.may_grant(terminal):
        return Judged(0, Reason.RECOVERING, 0)
    silent = silent_tills(office.cells, store.level_ms(), now_ms)
    is_locked = store.asked.is_claim_locked(question.wallet, now_ms)
    standing = Standing(OFFICE, office.is_ready, silent, claimed, is_locked)
    judged = granting.judge(office.cells, terminal, question, standing)
    if judged.reason is Reason.WRONG_CLAIM:
        store.asked.add_wrong_claim(question.wallet, now_ms)
    elif granting.proves_claim(question, judged):
        store.asked.forget_claims(question.wallet)
    return judged


def _stated(office: Office, judged: Judged) -> bytes:
    """State what was judged and return the answer with the records that the till can fold.

    What does not fit the answer reaches the till with everything else.
    """
    raws: tuple[bytes, ...] = ()
    if judged.facts:
        records = office.say(*judged.facts)
        raws = (office.opening().raw, *(record.raw for record in records))
    reply = Reply(judged.granted, judged.reason.value, judged.safe, raws[:REPLY_RECORDS_MAX])
    return spell(reply)
