"""What the office does with a till's question, in one transaction: judge, state, remember, answer.

Only what was granted is remembered, and a wrong claim, which must not count twice; any other
question that is asked again is judged again. So is one whose loan the till has given back since:
its answer came too late, and there is nothing left that could be lent twice.
"""

from collections.abc import Callable

from cloud.access.parts import judge_part
from cloud.cashless.authority import Judged, Reason, judge_loan, safe_balance
from cloud.cashless.links import Claimed, claim_proof, is_fresh, is_known, linking, may_link
from cloud.exchange.service import Refusal
from cloud.office import Office
from cloud.store.asked import Answered
from cloud.store.look import Look
from cloud.terminals.hearing import unheard
from sync import allotments, catalogue
from sync.allotments import wallet_resource
from sync.asking import Asked, Question, Reply, spell
from sync.catalogue import is_revoked
from sync.certificates import Certificate, read_chain
from sync.facts import RunOpened
from sync.keys import PublicKey, digest, pin_fits
from sync.limits import REPLY_RECORDS_MAX
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
        given = _given_back(office, terminal, question)
        before = book.answer(terminal, question.operation, now_ms)
        if before is not None and before.mark == mark and before.given == given:
            return before.reply
        if before is not None and before.mark != mark and before.granted:
            return Refusal.REUSED
        judged = _judge(office, terminal, question, claimed, now_ms)
        reply = _stated(office, judged)
        if judged.granted or judged.reason is Reason.WRONG_CLAIM:
            answered = Answered(mark, reply, judged.granted, given)
            book.put_answer(terminal, question.operation, answered, now_ms)
        return reply

    return job


def _given_back(office: Office, terminal: TerminalId, question: Question) -> int:
    """Return what was given back of a wallet's loans (minor units) or a quota; 0 for a link."""
    if question.kind == Asked.LINK:
        return 0
    resource = question.resource or wallet_resource(question.wallet)
    return allotments.holding(office.cells, resource, terminal).given


def _judge(
    office: Office, terminal: TerminalId, question: Question, claimed: Claimed, now_ms: int
) -> Judged:
    if office.store.recovering_since_ms:
        return Judged(0, Reason.RECOVERING, 0)
    if question.kind == Asked.PART:
        return judge_part(office.cells, terminal, question)
    silent = unheard(office.cells, office.store.level_ms(), now_ms)
    if question.kind == Asked.LINK:
        return _judge_link(office, question, claimed, now_ms, silent)
    return judge_loan(office.cells, terminal, question, silent)


def _judge_link(
    office: Office, question: Question, claimed: Claimed, now_ms: int, silent: set[bytes]
) -> Judged:
    cells, new = office.cells, question.wristband
    if new is None:
        return Judged(0, Reason.NO_WRISTBAND, 0)
    if new == question.wallet or not is_fresh(cells, new):
        return Judged(0, Reason.WRISTBAND_IN_USE, 0)
    if not is_known(cells, question.wallet):
        return Judged(0, Reason.UNKNOWN_WALLET, 0)
    if question.claim is not None:
        reason = _judge_claim(office, question.wallet, claimed, now_ms)
        if reason is not Reason.NONE:
            return Judged(0, reason, 0)
    elif not may_link(cells, question.approved_by):
        return Judged(0, Reason.NOT_ALLOWED, 0)
    safe = safe_balance(cells, question.wallet, len(silent))
    return Judged(1, Reason.NONE, safe, linking(cells, question, new))


def _judge_claim(office: Office, wallet: int, claimed: Claimed, now_ms: int) -> Reason:
    """Judge a claim and count it if it is wrong; a code that was changed meanwhile fits nobody."""
    book, proof = office.store.asked, claim_proof(office.cells, wallet)
    if book.is_claim_locked(wallet, now_ms):
        return Reason.LOCKED
    if proof is None:
        return Reason.NO_CLAIM
    if not claimed.fits or claimed.proof != proof:
        book.add_wrong_claim(wallet, now_ms)
        return Reason.WRONG_CLAIM
    book.forget_claims(wallet)
    return Reason.NONE


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
