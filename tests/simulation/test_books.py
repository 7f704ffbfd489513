"""The hands' own books, tried by themselves: they must know what happened without the product."""

from tests.simulation.books import Act, Books
from tests.simulation.money_books import MoneyBooks, Sale
from tests.simulation.ticket_books import TicketBooks

DAY, PASS, SCHOOL = 1, 2, 4
LIMITS = {"alone_limit": 5_000, "unknown_wristband": 0}


class Gates:
    """Acts at gates, entered one after the other."""

    def __init__(self, **types: int) -> None:
        self.books = Books()
        named = {int(name[1:]): number for name, number in types.items()}
        self.tickets = TicketBooks(self.books, named)

    def act(self, kind: str, serial: int, knew: int = 0, **more: object) -> Act:
        act = Act(kind, "Gate", len(self.books.acts), knew, b"", serial, 1)
        for name, value in more.items():
            setattr(act, name, value)
        self.books.settle(act, bytes([len(self.books.acts)]) * 32)
        if kind != "replaced":
            self.tickets.settle(act)
        return act


def test_two_admissions_that_did_not_know_of_each_other_are_a_second_admission() -> None:
    gates = Gates(t5=DAY, t6=PASS)
    first = gates.act("in", 5)
    gates.act("in", 5)
    gates.act("in", 6)
    assert gates.tickets.second_admissions() == {"5"}
    assert gates.tickets.must_refuse(5, 1, 1, first.bit) == "somebody is inside on it"


def test_who_came_in_again_after_an_exit_is_inside_once_and_no_conflict() -> None:
    gates = Gates(t6=PASS)
    first = gates.act("in", 6)
    out = gates.act("out", 6, first.bit)
    again = gates.act("in", 6, first.bit | out.bit)
    assert gates.tickets.second_admissions() == set()
    assert gates.tickets.inside_of(6) == {1: 1}
    assert gates.tickets.knew(again, first)


def test_what_was_undone_never_happened() -> None:
    gates = Gates(t5=DAY)
    first = gates.act("in", 5)
    gates.act("in", 5)
    gates.act("undo", 5, first.bit, target=first)
    assert gates.tickets.second_admissions() == set()


def test_a_ticket_and_its_replacement_are_one_ticket_to_who_heard_of_it() -> None:
    gates = Gates(t5=DAY, t9=DAY)
    first = gates.act("in", 5)
    link = gates.act("replaced", 5, more={"new": 9})
    assert gates.tickets.must_refuse(9, 1, 1, first.bit) == ""
    assert gates.tickets.must_refuse(9, 1, 1, first.bit | link.bit) == "somebody is inside on it"
    gates.act("in", 9, first.bit)
    assert gates.tickets.second_admissions() == {"5"}


def test_of_a_group_no_more_come_in_than_it_has() -> None:
    gates = Gates(t7=SCHOOL)
    some = gates.act("in", 7, amount=3)
    assert gates.tickets.must_refuse(7, 1, 1, some.bit) == ""
    assert gates.tickets.must_refuse(7, 1, 2, some.bit) == "the whole group was let in"


class Tills:
    """Acts at tills, entered one after the other."""

    def __init__(self) -> None:
        self.books = Books()
        self.money = MoneyBooks(self.books, LIMITS)

    def act(self, kind: str, amount: int, knew: int = -1, box: str = "Bar", **more: object) -> Act:
        act = Act(kind, box, 0, knew, b"", 9, 1, amount, more=dict(more))
        self.books.settle(act, bytes([len(self.books.acts)]) * 32)
        return act

    def sell(self, amount: int, knew: int, box: str = "Bar") -> Sale:
        number = bytes([len(self.books.acts)]) * 16
        sale = Sale(number, box, [(amount, 1)], {}, 9)
        self.money.note_sale(box, 9, knew)
        self.money.sold(sale, self.act("sell", amount, knew, box))
        return sale


def test_a_line_is_voided_once_and_never_paid_back_after_that() -> None:
    tills = Tills()
    tills.money.moved(9, tills.act("top_up", 5_000))
    sale = tills.sell(1_000, -1)
    for _ in range(2):
        sale.acts.append(tills.act("void", 0, lines={0}))
    sale.acts.append(tills.act("refund", 1, line=0))
    assert tills.money.balance(9) == 5_000
    assert tills.money.refunded_twice() == {sale.number.hex()}
    assert tills.money.revenue() == 0


def test_two_tills_that_know_of_a_top_up_and_not_of_each_other_overspend_within_the_bound() -> None:
    tills = Tills()
    top_up = tills.act("top_up", 5_000)
    tills.money.moved(9, top_up)
    tills.sell(5_000, top_up.bit, "Bar 1")
    tills.sell(5_000, top_up.bit, "Bar 2")
    assert tills.money.overspent() == {"9"}
    assert tills.money.bound(9) == 5_000
    assert tills.money.unheard("Bar 1", 9, -1, 0) == 5_000
    assert tills.money.unheard("Bar 1", 9, -1, -1) == 0
