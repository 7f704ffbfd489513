"""What the rows of other systems' tables say, and what is told of those that are wrong."""

import pytest

from cloud.tickets.columns import Column, Sold, column_of, columns_in, plain, sold_as
from cloud.tickets.import_rows import Brought, Judged, Types, Wrong, judge
from cloud.tickets.import_words import words_of, words_of_table
from cloud.tickets.people import Person
from cloud.tickets.table_reader import BadTable, Table, TableTrouble, read_table

pytestmark = pytest.mark.one_engine  # nothing here asks a database

TYPES = Types({"day": 1, "pass 3 jours": 2})
PRETIX = (
    "Order code,Position ID,Status,Email,Product,Price,Attendee name,Ticket secret\n"
    "R0GZ7,1,Paid,buyer@example.org,Day,25.00,Zoé Martin,k3jh4k5jh\n"
    "R0GZ7,2,Canceled,buyer@example.org,Day,25.00,Ann Lee,8s7df6s8d\n"
    "ABCDE,1,Pending,other@example.org,Day,25.00,,zzzzzzz\n"
)
EVENTBRITE = (
    "Order #\tOrder Date\tFirst Name\tLast Name\tEmail\tQuantity\tTicket Type\tAttendee #\tBarcode"
    "\tAttendee Status\n"
    "123\t2026-05-01\tAnn\tLee\tann@example.org\t1\tDAY\t5551\t123555100001\tChecked In\n"
    "124\t2026-05-01\tBob\tRay\tbob@example.org\t2\tDay\t5552\t124555200001\tAttending\n"
)
WEEZEVENT = (
    "Code-barres;Nom;Prénom;Courriel;Tarif;N° de commande;Statut\r\n"
    '="0012345678";Ørsted;Zoë;zoe@exemple.fr;PASS 3 JOURS;C-7;Validé\r\n'
    "1,23E+15;Durand;Luc;;Pass 3 jours;C-8;Validé\r\n"
    "1.23457E+12;Durand;Luc;;Pass 3 jours;C-8;Validé\r\n"
)


def rows(text: str, types: Types = TYPES) -> list[Judged]:
    table = read_table(text.encode(), lambda name: column_of(name) is not None)
    assert isinstance(table, Table), table
    return judge(table, types)


def test_an_export_of_pretix_is_understood() -> None:
    person = Person("Zoé Martin", "buyer@example.org")
    assert rows(PRETIX) == [
        Judged(2, Brought("k3jh4k5jh", 1, person, "R0GZ7")),
        Judged(3, None, Wrong.WITHDRAWN),
        Judged(4, None, Wrong.UNPAID),
    ]


def test_an_export_of_eventbrite_is_understood_and_its_barcode_goes_before_its_number() -> None:
    ann = Person("Ann Lee", "ann@example.org")
    assert rows(EVENTBRITE) == [
        Judged(2, Brought("123555100001", 1, ann, "123")),
        Judged(3, None, Wrong.SEVERAL),
    ]


def test_a_french_export_is_understood_and_numbers_that_excel_shortened_are_named() -> None:
    zoe = Person("Zoë Ørsted", "zoe@exemple.fr")
    assert rows(WEEZEVENT) == [
        Judged(2, Brought("0012345678", 2, zoe, "C-7")),
        Judged(3, None, Wrong.CODE_SHORTENED),
        Judged(4, None, Wrong.CODE_SHORTENED),
    ]


@pytest.mark.parametrize(
    "row, wrong, detail",
    [(";Day;Ann;", Wrong.NO_CODE, ""),
     (f"{'9' * 201};Day;Ann;", Wrong.CODE_TOO_LONG, ""),
     ("GU1:ABC;Day;Ann;", Wrong.CODE_IS_OURS, ""),
     ("gu1:abc;Day;Ann;", Wrong.CODE_IS_OURS, ""),
     ("A1;;Ann;", Wrong.NO_TYPE, ""),
     ("A1;Week;Ann;", Wrong.UNKNOWN_TYPE, "Week"),
     ("A1;3;Ann;", Wrong.UNKNOWN_TYPE, "3"),
     ("A1;Day;Ann;nowhere", Wrong.BAD_EMAIL, ""),
     ("A1;Day;Ann;a@b c", Wrong.BAD_EMAIL, ""),
     ("A1;Day;Ann;a@b;more", Wrong.TOO_MANY_CELLS, ""),
     ("A1;Day;" + "x" * 501 + ";", Wrong.CELL_TOO_LONG, "500"),
     ("A1;Day;An\x07n;", Wrong.CONTROL_CHARACTERS, ""),
     ("\u202aA1;Day;Ann;", Wrong.CONTROL_CHARACTERS, ""),
     ("A\u200b1;Day;Ann;", Wrong.CONTROL_CHARACTERS, ""),
     ('"A\n1";Day;Ann;', Wrong.CONTROL_CHARACTERS, "")],
)  # fmt: skip
def test_what_is_wrong_with_a_row_is_said_in_both_languages(
    row: str, wrong: Wrong, detail: str
) -> None:
    (found,) = rows(f"code;type;name;email\n{row}\n")
    assert found == Judged(2, None, wrong, detail)
    words = words_of(wrong, detail)
    assert set(words) == {"en", "fr"}
    assert all(detail in text for text in words.values())
    assert words["en"] != words["fr"]


def test_a_reference_that_is_too_long_to_keep_is_not_cut_off() -> None:
    table = "code;type;reference\nA1;Day;" + "x" * 200 + "\nA2;Day;" + "x" * 201 + "\n"
    fits, long = rows(table)
    assert fits.ticket is not None
    assert fits.ticket.reference == "x" * 200
    assert long == Judged(3, None, Wrong.CELL_TOO_LONG, "200")


def test_a_type_is_named_by_its_number_too_and_cells_at_the_end_may_be_missing() -> None:
    assert rows("code;type;name\nA1;2\n") == [Judged(2, Brought("A1", 2, Person(), ""))]


def test_types_that_are_missing_or_unknown_have_the_one_that_was_asked_for() -> None:
    types = Types({"day": 1}, if_missing=1, if_unknown=7)
    found = rows("code;type\nA1;\nA2;Week\nA3;day\n", types)
    assert [one.ticket and one.ticket.type for one in found] == [1, 7, 1]


def test_a_code_that_stands_there_twice_counts_once() -> None:
    found = rows("code;type\nA1;Day\nA2;Day\nA1;Day\n")
    assert found[2] == Judged(4, None, Wrong.CODE_TWICE, "2")
    assert [one.wrong for one in found[:2]] == [None, None]


def test_names_of_columns_are_known_in_any_order_case_and_with_any_accents() -> None:
    header = ["PRENOM", "nom", "№ de billet", "E–MAIL", "Colour", "Etat", "N° Commande", "Produit"]
    assert columns_in(header) == {
        Column.FIRST_NAME: 0, Column.LAST_NAME: 1, Column.CODE: 2, Column.EMAIL: 3,
        Column.STATUS: 5, Column.REFERENCE: 6, Column.TYPE: 7,
    }  # fmt: skip


def test_who_holds_a_ticket_goes_before_who_bought_it() -> None:
    header = ["Email", "Buyer name", "Attendee email", "Attendee name"]
    assert columns_in(header) == {Column.EMAIL: 2, Column.NAME: 3}


def test_no_name_of_a_column_means_two_things() -> None:
    from cloud.tickets.columns import _NAMES

    found: dict[str, Column] = {}
    for column, names in _NAMES.items():
        for name in names:
            assert found.setdefault(plain(name), column) is column


@pytest.mark.parametrize(
    "word, sold",
    [("PAYÉE", Sold.GOOD), ("checked-in", Sold.GOOD), ("Annulé", Sold.WITHDRAWN),
     ("Not Attending", Sold.WITHDRAWN), ("En attente", Sold.UNPAID), ("blue", None)],
)  # fmt: skip
def test_words_for_a_state_are_known_in_both_languages(word: str, sold: Sold | None) -> None:
    assert sold_as(word) is sold


def test_a_word_for_a_state_that_is_not_known_is_not_guessed_at() -> None:
    (found,) = rows("code;type;status\nA1;Day;blue\n")
    assert found.wrong is Wrong.UNKNOWN_STATUS


def test_every_trouble_has_words_in_both_languages() -> None:
    for wrong in Wrong:
        assert words_of(wrong, "7").keys() == {"en", "fr"}
    for trouble in TableTrouble:
        assert all(words_of_table(BadTable(trouble, 7)).values())


def test_a_name_of_signs_alone_is_no_other_name_of_signs() -> None:
    types = Types({plain("★"): 1, plain("Day"): 2})
    assert types.find("★") == 1
    for text in ("???", "♥", "-"):
        assert types.find(text) is Wrong.UNKNOWN_TYPE, text
    assert (column_of("###"), column_of("?"), sold_as("!")) == (None, None, None)
