"""`./guichet cloud zone`, `type`, `policy` and more: what the office states, by hand."""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import click

from cloud.cli_office import FOLDER
from cloud.speak import NotStated, speak
from sync.catalogue import Setting
from sync.facts import TicketStatus
from sync.limits import U16_MAX, U64_MAX
from sync.money import MoneyError, parse

_MONEY: Final = frozenset(
    {
        Setting.ALONE_LIMIT, Setting.TILL_CAP, Setting.UNKNOWN_WRISTBAND, Setting.TOPUP_CAP,
        Setting.BALANCE_MAX, Setting.CODE_ONLY_DAILY,
    }
)  # fmt: skip
_UNLIMITED_WORD: Final = "none"
_LINES_BYTES_MAX: Final = 1 << 20
_NUMBER: Final = click.IntRange(0, U16_MAX)


class Amount(click.ParamType[int]):
    """An amount of money such as 4.80, as minor units."""

    name = "amount"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the minor units that the text spells."""
        try:
            return parse(str(value)).minor
        except MoneyError as trouble:
            self.fail(str(trouble), param, ctx)


class Numbers(click.ParamType[list[int]]):
    """Whole numbers with commas between them, or nothing."""

    name = "numbers"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> list[int]:
        """Return the numbers that the text lists."""
        try:
            return [int(part) for part in str(value).split(",") if part.strip()]
        except ValueError:
            self.fail(f"{value!r} is not a list such as 1,2,5", param, ctx)


def command(name: str, example: str) -> Callable[[Callable[..., Any]], click.Command]:
    """Return the decorator of a command that states something, with an example in its help."""
    text = f"\b\nExample: ./guichet cloud {name} office {example}"
    return click.command(name, epilog=text)


def state_row(folder: Path, row: dict[str, Any], kind: str, gone: Sequence[str] = ()) -> None:
    """State one row with what was given and what is taken away, and say so."""
    given = {name: value for name, value in row.items() if value is not None}
    speak(folder, [{"kind": kind} | given | dict.fromkeys(gone)])
    print("stated")


@command("zone", "--zone 1 --name Field --capacity 6000")
@FOLDER
@click.option("--zone", required=True, type=_NUMBER)
@click.option("--name")
@click.option("--capacity", type=click.IntRange(0, 1_000_000), help="Guests at most.")
@click.option("--no-capacity", is_flag=True, help="Let in any number.")
def zone(folder: Path, no_capacity: bool, **row: Any) -> None:  # noqa: FBT001
    """State a zone. What is left out stays as it was."""
    state_row(folder, row, "zone", ["capacity"] * no_capacity)


@command("type", "--type 1 --name Weekend --allow-reentry --daily-limit 4")
@FOLDER
@click.option("--type", required=True, type=_NUMBER)
@click.option("--name")
@click.option("--allow-reentry/--no-reentry", "allow_reentry", default=None)
@click.option("--usage-limit", type=_NUMBER, help="Admissions in all; 0 is without limit.")
@click.option("--daily-limit", type=_NUMBER, help="Admissions a festival day; 0 is without limit.")
@click.option("--cooldown-minutes", type=_NUMBER)
@click.option("--exit-required/--no-exit-required", "exit_required", default=None)
@click.option("--zones", type=Numbers(), help="Such as 1,2; empty for every zone.")
@click.option("--window", type=Numbers(), help="From,until in minutes of the day; empty for none.")
@click.option("--group-max", type=click.IntRange(1, 1_000))
@click.option("--note", help="What an agent should look at, with the attention flag.")
@click.option("--age", type=click.IntRange(0, 99), help="Guests must be this old; 0 is any age.")
def ticket_type(folder: Path, **row: Any) -> None:
    """State a ticket type and its rules. What is left out stays as it was."""
    state_row(folder, row, "type")


@command("policy", "--set alone_limit=50.00 --set max_age_seconds=172800")
@FOLDER
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="'none': no limit.")
@click.option("--policy", "whole", type=click.Choice(["replay"]), help="replay: no limit at all.")
def policy(folder: Path, settings: tuple[str, ...], whole: str | None) -> None:
    """State the organiser's limits: money as 50.00, times in whole seconds or minutes."""
    row: dict[str, Any] = {"kind": "policy"}
    if whole == "replay":
        row["replay"] = True
    if settings:
        row["settings"] = dict(_setting(text) for text in settings)
    if len(row) == 1:
        names = ", ".join(setting.name.lower() for setting in Setting)
        message = f"give --set NAME=VALUE or --policy replay; the names are {names}"
        raise click.UsageError(message)
    speak(folder, [row])
    print("stated")


def _setting(text: str) -> tuple[str, int]:
    """Return name and value of `NAME=VALUE`; money is read as money."""
    name, equals, value = text.partition("=")
    try:
        setting = Setting[name.upper()]
        if value == _UNLIMITED_WORD:
            return name, -1
        return name, parse(value).minor if setting in _MONEY else int(value)
    except (KeyError, MoneyError, ValueError) as trouble:
        names = ", ".join(setting.name.lower() for setting in Setting)
        what = f"{text!r} is not NAME=VALUE" if not equals else f"{text!r} cannot be"
        message = f"{what}: NAME is one of {names}, VALUE such as 50.00, 3600 or none"
        raise click.BadParameter(message, param_hint="--set") from trouble


@command("gate", "--terminal 'North 1' --zone 2 --types 1,2")
@FOLDER
@click.option("--terminal", required=True, help="Its name, or its id in hex.")
@click.option("--name", help="A new name.")
@click.option("--zone", type=_NUMBER, help="The zone that it lets into.")
@click.option("--types", type=Numbers(), help="The ticket types it takes; empty for every type.")
def gate(folder: Path, **row: Any) -> None:
    """Move or rename a gate. What is left out stays as it was."""
    state_row(folder, row, "gate")


@command("bar", "--terminal 'Main till 1' --bar 2")
@FOLDER
@click.option("--terminal", required=True, help="Its name, or its id in hex.")
@click.option("--name", help="A new name.")
@click.option("--bar", type=_NUMBER, help="The bar whose revenue it books.")
def bar(folder: Path, **row: Any) -> None:
    """Move or rename a till. What is left out stays as it was."""
    state_row(folder, row, "bar")


@command("status", "--serial 1234 --set cancelled")
@FOLDER
@click.option("--serial", "serials", multiple=True, type=click.IntRange(0, U64_MAX), required=True)
@click.option(
    "--set",
    "status",
    required=True,
    type=click.Choice([status.name.lower() for status in TicketStatus]),
    help="cancelled, refunded and replaced are final.",
)
@click.option("--replaced-by", type=click.IntRange(0, U64_MAX), help="The serial in its place.")
def status(folder: Path, serials: tuple[int, ...], status: str, replaced_by: int | None) -> None:
    """State the status of one or more tickets."""
    row = {"serials": list(serials), "status": status, "replaced_by": replaced_by}
    state_row(folder, row, "status")


@command("revoke", "--terminal 'North 1' --write-off")
@FOLDER
@click.option("--terminal", required=True, help="Its name, or its id in hex.")
@click.option("--write-off", is_flag=True, help="Take back the places and loans that it holds.")
def revoke(folder: Path, terminal: str, write_off: bool) -> None:  # noqa: FBT001
    """Believe a terminal no further: what it did until now counts, what comes later does not."""
    state_row(folder, {"terminal": terminal, "write_off": write_off}, "revoke")


@command(
    "say",
    "facts.jsonl\n"
    '         where a line is {"kind": "product", "product": 1, "half": 260, "mixer": null}',
)
@FOLDER
@click.argument("file", metavar="FILE", type=click.File("rb"))
def say(folder: Path, file: Any) -> None:
    """State many things at once: FILE (or - for stdin) has one JSON object a line.

    Each has a kind (zone, type, product, voucher, policy, gate, bar, status) and the fields of that
    command, with underscores, amounts in minor units, windows as [from, until, amount] with
    minutes of the day, and null for what is taken away. All are stated, or none.
    """
    content = file.read(_LINES_BYTES_MAX + 1)
    if len(content) > _LINES_BYTES_MAX:
        raise NotStated(f"{file.name} has more than {_LINES_BYTES_MAX} bytes")
    rows = []
    for number, line in enumerate(content.splitlines(), 1):
        if line.strip():
            try:
                rows.append(json.loads(line))
            except (ValueError, RecursionError) as trouble:
                raise NotStated(f"{file.name}, line {number} is not JSON") from trouble
    counts = speak(folder, rows)
    print(f"stated {counts['facts']}", file=sys.stderr)
