"""The promises, each as a question that any moment of a simulated world must answer with yes."""

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from sync import allotments, history
from sync.accounts import accounts, wallet_balance
from sync.cells import Cells, MemoryCells, area_hashes
from sync.codec import encode
from sync.conflicts import ConflictKind, conflicts
from sync.facts import AllotmentPassed, AllotmentReturned, AllotmentWrittenOff, Allotted
from sync.journal import read_record
from sync.names import AREAS_OF_ROLE, Area, Role
from sync.replica import Shelf, differing_cells, refold
from tests.simulation.books import OFFICE_KINDS, Act
from tests.simulation.box import Box
from tests.simulation.money_books import Sale
from tests.simulation.plan import ARENA, Fault
from tests.simulation.trouble import Violation

if TYPE_CHECKING:
    from tests.simulation.world import World

_MONEY = ("revenue:", "vat:", "deposit")
_CLOCK_MARGIN_MS = 5_000
_FORK = (
    "SELECT DISTINCT terminal FROM record GROUP BY terminal, previous HAVING count(*) > 1"
    " UNION SELECT DISTINCT terminal FROM record GROUP BY terminal, run, number HAVING count(*) > 1"
)
_EXACT = (
    ConflictKind.SECOND_ADMISSION,
    ConflictKind.OVERSPENT_WALLET,
    ConflictKind.REFUNDED_TWICE,
    ConflictKind.FORKED_JOURNAL,
    ConflictKind.SALE_ID_TWICE,
    ConflictKind.TWO_LINKS,
    ConflictKind.VOUCHER_SPENT_TWICE,
    ConflictKind.UNAUTHORISED_FACT,
)


def money_sums_to_zero(name: str, cells: Cells) -> None:
    """Postings sum to zero, always, everywhere."""
    sums: Counter[int] = Counter()
    are_whole = True
    for _, asset, amount in accounts(cells):
        sums[asset] += amount
        are_whole = are_whole and type(amount) is int
    wrong = {asset: amount for asset, amount in sums.items() if amount != 0}
    if wrong or not are_whole:
        raise Violation("money sums to zero", f"{name}: the postings come to {wrong}")


def kept_is_folded(name: str, shelf: Shelf, areas: Iterable[Area]) -> None:
    """The state that is kept is the fold of the records that are kept."""
    folded = MemoryCells()
    refold(shelf, folded)
    wrong = differing_cells(shelf, folded, areas)
    if wrong:
        raise Violation("kept = folded", f"{name}: {wrong[0].kind.name.lower()} differs")


def who_differs(world: "World") -> str:
    """Say which box differs from the office in an area that both hold: no byte may."""
    office = area_hashes(world.office.cells, AREAS_OF_ROLE[Role.OFFICE])
    found = []
    for box in world.boxes_in_use():
        mine = area_hashes(box.cells, AREAS_OF_ROLE[box.role])
        found += [f"{box.name} in {area}" for area, mark in mine.items() if office[area] != mark]
    return ", ".join(found)


# --- what must have come out in the end ---


def what_is_missing(world: "World") -> str:
    """Say which box holds a fact that the office has not: nothing may be thrown away."""
    held = {row[0] for row in world.office.rows("SELECT id FROM record")}
    for box in world.boxes_in_use():
        missing = {row[0] for row in box.rows("SELECT id FROM journal")} - held
        if missing:
            names = ", ".join(sorted(world.books.name_of(fact) for fact in missing))
            return f"the office has not {names} of {box.name}"
    return ""


def books_agree(world: "World") -> None:
    """Balances, takings, who is inside: what the hands' books say."""
    cells, money, tickets = world.office.cells, world.money, world.tickets
    for wallet in sorted(money.wallets()):
        here, there = money.balance(wallet), wallet_balance(cells, wallet)
        if here != there:
            raise Violation("balances are what was done", f"{wallet}: {there} instead of {here}")
    taken = sum(amount for name, _, amount in accounts(cells) if name.startswith(_MONEY))
    if taken != money.revenue():
        raise Violation("takings are what was sold", f"{taken} instead of {money.revenue()}")
    for serial in sorted(world.types):
        expected = tickets.inside_of(serial)
        if expected is None:
            continue
        found = history.standing(cells, serial).inside
        inside: dict[int, int] = {}
        for entry, count in found:
            inside[entry.zone] = inside.get(entry.zone, 0) + count
        if inside != dict(expected):
            raise Violation(
                "who is inside is who came in", f"ticket {serial}: {inside}, not {dict(expected)}"
            )


def conflicts_are_those_that_happened(world: "World") -> None:
    """Every conflict that happened is listed, and none that did not."""
    found: dict[ConflictKind, set[str]] = {kind: set() for kind in ConflictKind}
    for area in Area:
        for one in conflicts(world.office.cells, area):
            found[one.kind].add(one.subject)
    forks = {row[0].hex() for row in world.office.rows(_FORK)}
    expected = {
        ConflictKind.SECOND_ADMISSION: world.tickets.second_admissions(),
        ConflictKind.OVERSPENT_WALLET: world.money.overspent(),
        ConflictKind.REFUNDED_TWICE: world.money.refunded_twice(),
        ConflictKind.FORKED_JOURNAL: forks,
        ConflictKind.UNAUTHORISED_FACT: world.unauthorised,
    }
    for kind in _EXACT:
        _same(kind, found[kind], expected.get(kind, set()), set())
    must, may = _withdrawn(world)
    _same(ConflictKind.ADMITTED_THOUGH_WITHDRAWN, found[ConflictKind.ADMITTED_THOUGH_WITHDRAWN],
          must, may)  # fmt: skip
    if not forks <= {one.hex() for one in world.may_fork}:
        raise Violation("(run, number) is used once", "an honest box has forked its journal")
    twice = ConflictKind.ALLOTMENT_SPENT_TWICE
    _same(twice, found[twice], _spent_twice(world), set())
    if not world.may_fork:
        _same(twice, found[twice], set(), set())
        full = ConflictKind.CAPACITY_EXCEEDED
        _same(full, found[full], set(), set())
    if Fault.OFFICE_RESTORED not in world.plan.faults:
        _same(ConflictKind.TWO_OFFICE_VERSIONS, found[ConflictKind.TWO_OFFICE_VERSIONS],
              set(), set())  # fmt: skip


def _same(kind: ConflictKind, found: set[str], must: set[str], may: set[str]) -> None:
    missing, false = must - found, found - must - may
    if missing or false:
        raise Violation(
            "conflicts are those that happened",
            f"{kind.value}: missing {sorted(missing)}, false {sorted(false)}",
        )


def _spent_twice(world: "World") -> set[str]:
    """Return the places and loans of which a box spent more than it was ever lent."""
    resources = {f"zone {ARENA}": allotments.zone_resource(ARENA)}
    wallets = sorted(world.money.wallets())
    resources |= {f"wallet {one}": allotments.wallet_resource(one) for one in wallets}
    return {
        f"{name} at {terminal.hex()}"
        for name, resource in resources.items()
        for terminal, part in allotments.holdings(world.office.cells, resource).items()
        if part.used + part.given + part.written_off > part.allotted + part.passed_in > 0
    }


def _withdrawn(world: "World") -> tuple[set[str], set[str]]:
    """Return the tickets that were surely admitted though withdrawn, and those that may have been.

    It is told by stamps, so only clocks that are right can be expected to tell it rightly.
    """
    must: set[str] = set()
    may: set[str] = set()
    last = {act.subject: act for act in world.books.acts if act.kind in OFFICE_KINDS and act.counts}
    for serial, status in last.items():
        if status.more["word"] == "valid":
            continue
        for act in world.tickets.live_admissions(int(str(serial))):
            late_ms = act.at_ms - status.at_ms
            clock = act.more["clock"]
            if clock == "unknown" or (clock == "right" and late_ms > _CLOCK_MARGIN_MS):
                must.add(str(serial))
            elif clock != "right" or late_ms > -_CLOCK_MARGIN_MS:
                may.add(str(serial))
    if world.plan.office_error_ms:
        return set(), must | may
    return must, may


def spending_is_bounded(world: "World", box: Box, wallet: int) -> None:
    """A till lets go what it may alone, and overspending keeps within the printed bound."""
    money, limits = world.money, world.plan.policy
    own = money.unheard(box.name, wallet, box.knows, box.acked)
    if own > limits["alone_limit"]:
        raise Violation(
            "a till sells alone up to its limit", f"{box.name} has sold {own} of {wallet} unheard"
        )
    is_spent_again = money.lent[box.name, wallet] > money.granted[box.name, wallet]
    if is_spent_again and box.id not in world.may_fork:
        raise Violation("a loan is spent once", f"{box.name} has spent more of {wallet} than lent")
    everywhere = sum(
        money.unheard(box.name, one, box.knows, box.acked) for one in sorted(money.wallets())
    )
    if everywhere > limits["till_cap"]:
        raise Violation("a till sells alone up to its cap", f"{box.name} has sold {everywhere}")
    below = -money.balance(wallet)
    if below > money.bound(wallet) and not money.is_struck(wallet):
        raise Violation(
            "overspend <= a * min(B, alone limit)",
            f"{wallet} is {below} below nothing, the bound is {money.bound(wallet)}",
        )


def what_is_lent_is_left(world: "World", box: Box, sale: Sale, act: Act) -> None:
    """A till does not sell from what it knows to be lent to another one."""
    money, wallet = world.money, sale.wallet
    if wallet is None or money.is_struck(wallet) or world.pending:
        return
    lent = _lent_to_others(world, box, wallet, act)
    there = money.balance(wallet, act.knew) - lent
    if lent and sale.total - sale.loan > there:
        raise Violation(
            "what is lent is not sold as well",
            f"{box.name} sold {sale.total} of {wallet}, of which it knew {lent} to be lent",
        )


def _lent_to_others(world: "World", box: Box, wallet: int, act: Act) -> int:
    """Return what of a wallet a till's journal says that others hold and have not spent."""
    resource = allotments.wallet_resource(wallet)
    held: Counter[bytes] = Counter()
    before = "arrival < (SELECT arrival FROM journal WHERE id = ?)"
    question = f"SELECT raw FROM journal WHERE instr(raw, ?) AND {before}"
    for (raw,) in box.rows(question, encode(list(resource)), act.fact):
        record = read_record(raw)
        body = record.body
        if isinstance(body, Allotted | AllotmentPassed | AllotmentWrittenOff):
            gone = isinstance(body, AllotmentWrittenOff)
            held[body.terminal] += -body.amount if gone else body.amount
        if isinstance(body, AllotmentReturned | AllotmentPassed):
            held[record.terminal] -= body.amount
    for sale in world.money.sales_of(wallet):
        if sale.acts[0].bit & act.knew:
            held[sale.acts[0].writer] -= sale.loan
    for paid in world.money.pay_outs(wallet, act.knew):
        held[paid.writer] += paid.amount
    others = set(held) - world.may_fork - {box.id}
    return sum(max(0, held[one]) for one in sorted(others))


def capacity_is_kept(world: "World", zone: int) -> None:
    """Never more guests in a zone than there is room for, whoever is cut off."""
    inside = sum(count for (_, place), count in world.tickets.people.items() if place == zone)
    if inside > world.plan.capacity + world.allowance:
        raise Violation("used <= capacity", f"{inside} in zone {zone} of {world.plan.capacity}")


def told_time_is_believed(world: "World", box: Box) -> None:
    """A box believes its office's clock, whatever its own wall clock was set to."""
    moment = box.terminal.moment()
    office_ms = world.agenda.true_ms + world.plan.office_error_ms
    apart_ms = abs(moment.now_ms - office_ms)
    if not box.plan.trusts_wall and apart_ms > moment.quality.uncertainty_ms:
        raise Violation("a wild clock is not followed", f"{box.name} is {apart_ms} ms off")
