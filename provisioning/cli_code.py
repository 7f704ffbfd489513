"""`./guichet code`: issues and verifies ticket codes without an office or a terminal."""

import json
import re
import sys
from pathlib import Path
from typing import Any, Final

import click

from provisioning.keys import BadKeyFile, load_seed_file, public_key_of
from sync.codes import CodeKind, CodeRefusal, Ticket, issue, open_code
from sync.keys import PublicKey
from sync.limits import CODE_KEY_ID_MAX, U16_MAX, U32_MAX, U64_MAX

KEYS_BYTES_MAX: Final = 1 << 16
_KEY_ID: Final = re.compile(r"0|[1-9][0-9]{0,2}")
_FIELDS: Final = (
    "kind", "key_id", "festival", "serial", "type", "valid_from", "valid_until", "flags",
)  # fmt: skip

_ISSUE_EXAMPLE: Final = (
    "\b\nExample: ./guichet code issue --key SEED.hex --key-id 1 --festival 7 \\\n"
    "             --serial 42 --type 3"
)
_VERIFY_EXAMPLE: Final = (
    '\b\nExample: ./guichet code verify "GU1:..." --keys KEYS.json --festival 7 --json'
)


@click.group("code", epilog=_ISSUE_EXAMPLE)
def code() -> None:
    """Issue and verify ticket codes."""


@code.command("issue", epilog=_ISSUE_EXAMPLE)
@click.option("--key", "key_path", required=True, type=click.Path(path_type=Path), metavar="FILE")
@click.option("--key-id", required=True, type=click.IntRange(0, CODE_KEY_ID_MAX))
@click.option("--festival", required=True, type=click.IntRange(0, U32_MAX))
@click.option("--serial", required=True, type=click.IntRange(0, U64_MAX))
@click.option("--type", "ticket_type", required=True, type=click.IntRange(0, U16_MAX))
@click.option(
    "--kind",
    default=1,
    show_default=True,
    type=click.IntRange(1, 4),
    help="1 ticket, 2 wristband, 3 staff badge, 4 voucher.",
)
@click.option("--valid-from", default=0, type=click.IntRange(0, U32_MAX), help="Unix seconds.")
@click.option("--valid-until", default=0, type=click.IntRange(0, U32_MAX), help="Unix seconds.")
@click.option(
    "--flags",
    default=0,
    type=click.IntRange(0, U16_MAX),
    help="1 re-entry, 2 adult checked, 4 needs attention, 8 test ticket: their sum.",
)
def issue_code(
    key_path: Path,
    key_id: int,
    festival: int,
    serial: int,
    ticket_type: int,
    kind: int,
    valid_from: int,
    valid_until: int,
    flags: int,
) -> None:
    """Print the text of a new code.

    FILE holds the issuing key: 32 bytes as 64 hex characters.
    """
    try:
        key, is_open = load_seed_file(key_path)
    except BadKeyFile as trouble:
        raise click.BadParameter(str(trouble), param_hint="--key") from trouble
    if is_open:
        print(f"guichet: others can read {key_path}: chmod 600 {key_path}", file=sys.stderr)
    if valid_until and valid_until < valid_from:
        message = "the code would end before it begins"
        raise click.BadParameter(message, param_hint="--valid-until")
    row = (kind, key_id, festival, serial, ticket_type, valid_from, valid_until, flags)
    print(issue(ticket_of(row), key))


@code.command("verify", epilog=_VERIFY_EXAMPLE, context_settings={"ignore_unknown_options": True})
@click.argument("text")
@click.option("--keys", "keys_path", required=True, type=click.Path(path_type=Path), metavar="FILE")
@click.option("--festival", required=True, type=click.IntRange(0, U32_MAX))
@click.option(
    "--at", type=click.IntRange(0, U32_MAX), help="Unix seconds; without it no time is judged."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def verify_code(
    text: str,
    keys_path: Path,
    festival: int,
    at: int | None,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Say whether TEXT is a genuine code, and what it says; exit 1 if it is refused.

    FILE holds the public keys: {"KEY ID": "64 hex characters", ...}
    """
    row = verdict(text, _keys_of(keys_path), festival, at)
    if as_json:
        print(json.dumps(row))
    else:
        _print_for_people(row)
    sys.exit(0 if row["ok"] else 1)


def verdict(text: str, keys: dict[int, PublicKey], festival: int, at: int | None) -> dict[str, Any]:
    """Return ok, reason and the fields; unknown fields are None, `at` is in Unix seconds."""
    found = open_code(text, keys, festival)
    if isinstance(found, CodeRefusal):
        return {"ok": False, "reason": str(found)} | dict.fromkeys(_FIELDS)
    reason = None
    if at is not None and at < found.valid_from:
        reason = "too_early"
    elif at is not None and found.valid_until and at > found.valid_until:
        reason = "too_late"
    fields = {name: int(getattr(found, name)) for name in _FIELDS}
    return {"ok": reason is None, "reason": reason} | fields


def ticket_of(row: tuple[int, ...]) -> Ticket:
    """Return the ticket with these eight fields, in the order of the format."""
    return Ticket(CodeKind(row[0]), *row[1:])


def _keys_of(path: Path) -> dict[int, PublicKey]:
    """Return the public keys of the file; a wrong file ends the command with one sentence."""
    try:
        with path.open("rb") as file:
            content = file.read(KEYS_BYTES_MAX)
        rows = dict(json.loads(content).items())
        return {_key_id(name): public_key_of(str(value)) for name, value in rows.items()}
    except OSError as trouble:
        message = f"{path} cannot be read: {trouble.strerror}"
        raise click.BadParameter(message, param_hint="--keys") from trouble
    except (ValueError, AttributeError, RecursionError) as trouble:
        message = f'{path} does not hold {{"key id": "64 hex characters", ...}}'
        raise click.BadParameter(message, param_hint="--keys") from trouble


def _key_id(name: str) -> int:
    if not _KEY_ID.fullmatch(name) or int(name) > CODE_KEY_ID_MAX:
        message = f"{name!r} is no key id from 0 to {CODE_KEY_ID_MAX}"
        raise ValueError(message)
    return int(name)


def _print_for_people(row: dict[str, Any]) -> None:
    print("genuine" if row["ok"] else f"refused: {row['reason']}")
    for name in _FIELDS:
        if row[name] is not None:
            print(f"  {name:<12}{row[name]}")
