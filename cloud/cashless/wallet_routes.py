"""Wallets over the network: top up, pay, look."""

from collections.abc import Callable
from typing import Final

from cloud.accounts.access import Kind, Role, Scope, staff
from cloud.api.call import Answer, Call
from cloud.api.problems import Problem, problem_of
from cloud.api.routes import API, Routes
from cloud.cashless import models, online
from cloud.cashless.online import Item, Moved, Paid
from cloud.cashless.wallets import history_of, wallet_of
from cloud.desk import Desk
from cloud.office import Office
from cloud.once import Deed
from cloud.orders.refusals import Refusal
from cloud.store.look import Look

ROUTES: Final = Routes("cashless")
_GIVERS: Final = frozenset({Role.ORGANISER, Role.SUPERADMIN})


@ROUTES.post(f"{API}/cashless/topup", may=staff("cashless:write"), idempotent=True)
async def topup(call: Call, body: models.TopUpWallet) -> Answer[models.WalletMoved]:
    """Take money into a wallet, within what the organiser lets a wallet hold.

    A gift is the organiser's to give.
    """
    desk = call.reach(body.festival, Scope.CASHLESS_WRITE)
    paid, wallet = Paid(body.method), int(body.wallet)
    if paid is Paid.GIFT and call.who.kind is Kind.PERSON and call.who.role not in _GIVERS:
        raise Problem(403, "Only the organiser gives money away.", "forbidden")

    def job(office: Office, deed: Deed) -> Moved | Refusal:
        operation, amount = deed.operation, body.amount_minor
        return online.top_up(office, operation, wallet, amount, paid, body.reference)

    return await _once(call, desk, wallet, job)


@ROUTES.post(f"{API}/cashless/pay", may=staff("cashless:write"), idempotent=True)
async def pay(call: Call, body: models.PayByWallet) -> Answer[models.WalletMoved]:
    """Pay from a wallet what is certainly there.

    What tills hold of it, or may have sold since they were last heard, is not.
    """
    desk, wallet = call.reach(body.festival, Scope.CASHLESS_WRITE), int(body.wallet)

    def job(office: Office, deed: Deed) -> Moved | Refusal:
        if body.amount_minor is not None:
            lines = online.lines_of_amount(body.amount_minor, body.vat_basis_points)
        else:
            items = [Item(one.product, one.quantity) for one in body.items or ()]
            priced = online.lines_of_items(office, items, body.bar)
            if isinstance(priced, Refusal):
                return priced
            lines = priced
        return online.pay(office, deed.operation, wallet, lines, body.bar, body.reference)

    return await _once(call, desk, wallet, job)


@ROUTES.get(f"{API}/cashless/wallets/{{wallet}}", may=staff("cashless:read"))
async def wallet(call: Call, query: models.WalletQuery) -> models.WalletShown:
    """See what a wallet holds, and what moved it lately."""
    desk, number = call.reach(query.festival, Scope.CASHLESS_READ), int(call.places["wallet"])

    def see(seen: Look) -> models.WalletShown:
        one = wallet_of(seen, number, desk.now_ms())
        moves, is_complete = history_of(seen, number)
        return models.WalletShown(
            wallet=str(number),
            balance_minor=one.balance,
            safe_minor=one.safe,
            lent_minor=one.lent,
            paid_minor=one.left.paid,
            gift_minor=one.left.gift,
            voucher_minor=one.left.voucher,
            is_blocked=one.is_blocked,
            moves=[
                models.MoveShown(
                    kind=move.kind,
                    amount_minor=move.amount,
                    at_ms=move.at_ms,
                    bar=move.bar,
                    operation=move.id.hex(),
                )
                for move in moves
            ],
            is_complete=is_complete,
        )

    return await desk.look(see)


async def _once(
    call: Call, desk: Desk, number: int, deed: Callable[[Office, Deed], Moved | Refusal]
) -> Answer[models.WalletMoved]:
    """Move money once, and answer what the wallet then holds."""

    def job(office: Office, named: Deed) -> models.WalletMoved | Problem:
        done = deed(office, named)
        if isinstance(done, Refusal):
            return problem_of(done)
        return models.WalletMoved(
            operation=done.operation.hex(),
            wallet=str(number),
            amount_minor=done.amount,
            balance_minor=done.balance,
            safe_minor=done.safe,
        )

    return await call.once(job, desk)
