"""`./guichet cloud init`, `serve` and `terminal-code`: make an office, run it, let boxes in."""

import json
import sys
from ipaddress import ip_address
from pathlib import Path
from typing import Final

import click

from cloud.accounts.house_key import FIGURES_LABEL, HouseKey
from cloud.clock_and_chance import now_s, random_bytes
from cloud.settings import (
    LANGUAGES,
    BadOffice,
    Settings,
    first_rows,
    is_house,
    make_office,
    open_office,
)
from cloud.speak import speak
from cloud.store.database import keep_url, trouble_with
from cloud.store.enrolment_codes import EnrolmentCodes
from cloud.terminals.service import give_out
from provisioning.manifest import ROLES
from sync.limits import U16_MAX, U32_MAX

FOLDER: Final = click.argument(
    "folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False)
)
_PORT_MAX: Final = 65_535
_NAME_CHARS_MAX: Final = 80


@click.command(
    "init",
    epilog="\b\nExample: ./guichet cloud init office --festival 7 --name 'Été 2027' \\\n"
    "             --currency EUR --time-zone Europe/Paris\n"
    "         ./guichet cloud init house\n"
    "         ./guichet cloud init house --database postgresql://guichet:SECRET@host/guichet",
)
@FOLDER
@click.option("--festival", type=click.IntRange(0, U32_MAX), help="Its number.")
@click.option("--name", help="What guests call the festival.")
@click.option(
    "--currency", default="EUR", show_default=True, help="Three letters, with 2 decimals."
)
@click.option("--time-zone", default="UTC", show_default=True, help="Such as Europe/Paris.")
@click.option("--language", default="en", show_default=True, type=click.Choice(LANGUAGES))
@click.option(
    "--day-boundary",
    "day_boundary",
    default=360,
    show_default=True,
    type=click.IntRange(0, 1439),
    help="When a festival day ends, in minutes after midnight.",
)
@click.option(
    "--database", metavar="URL", help="PostgreSQL; without it the store is a file in DIR."
)
def init(
    folder: Path,
    festival: int | None,
    name: str | None,
    currency: str,
    time_zone: str,
    language: str,
    day_boundary: int,
    database: str | None,
) -> None:
    """Make a new office in the folder DIR: its keys, its settings, its first facts.

    festival.key is needed only to certify another office: put it where nobody finds it. Without a
    festival only the house is made: organisers make theirs over the API.
    """
    if festival is None and name is None:
        _make_house(folder, database)
        return
    if festival is None or name is None:
        message = "a festival needs both --festival NUMBER and --name NAME"
        raise click.UsageError(message)
    if len(name) > _NAME_CHARS_MAX:
        message = f"a name has at most {_NAME_CHARS_MAX} characters"
        raise click.BadParameter(message, param_hint="--name")
    settings = Settings(
        festival, name, currency, time_zone, language, day_boundary, festival_key="", certificate=""
    )
    if database is not None and trouble_with(database):
        raise click.BadParameter(trouble_with(database), param_hint="--database")
    _, issuing = make_office(folder, settings, random_bytes)
    if database is not None:
        keep_url(folder, database)
    speak(folder, first_rows(settings, issuing))
    print(f"{folder} is now the office of {name!r} (festival {festival}).")
    print(f"Take {folder}/festival.key away and keep it safe; the office runs without it.")
    print(f"Next: ./guichet cloud serve {folder}   It prints the link of the live page.")


def _make_house(folder: Path, database: str | None) -> None:
    """Make a house without a festival of its own."""
    if database is not None and trouble_with(database):
        raise click.BadParameter(trouble_with(database), param_hint="--database")
    if is_house(folder):
        message = f"{folder} is an office already. Take an empty folder."
        raise BadOffice(message)
    _house_key(folder)
    if database is not None:
        keep_url(folder, database)
    print(f"{folder} is now a house for festivals. Keep {folder}/house.key safe, with a copy.")
    print(f"Next: ./guichet cloud serve {folder}   It prints the link to begin with.")


def _house_key(folder: Path) -> HouseKey:
    from cloud.accounts.service import house_key_of  # what it takes to sign and seal is slow

    return house_key_of(folder, random_bytes)


@click.command("metrics-key", epilog="\b\nExample: ./guichet cloud metrics-key office")
@FOLDER
def metrics_key(folder: Path) -> None:
    """Print the key that Prometheus must show as a bearer token at /metrics."""
    if not is_house(folder):
        message = f"{folder} is not an office's folder. Make one: ./guichet cloud init {folder}"
        raise BadOffice(message)
    print(_house_key(folder).derive(FIGURES_LABEL).hex())


@click.command(
    "serve",
    epilog="\b\nExample: ./guichet cloud serve office --port 8080\n"
    "         ./guichet cloud serve house --port 8080 --proxy 127.0.0.1",
)
@FOLDER
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to answer on.")
@click.option("--port", default=0, type=click.IntRange(0, _PORT_MAX), help="0: any free port.")
@click.option(
    "--proxy",
    "proxies",
    multiple=True,
    metavar="ADDRESS",
    help="A proxy that takes TLS off before the office: whom it asks for is believed.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line with the address.")
@click.option("--verbose", is_flag=True, help="Log every request, not only what went wrong.")
def serve(
    folder: Path,
    host: str,
    port: int,
    proxies: tuple[str, ...],
    as_json: bool,  # noqa: FBT001
    verbose: bool,  # noqa: FBT001
) -> None:
    """Run the office of the folder DIR until Ctrl-C."""
    from cloud.serve import Place  # the web server takes a while to import
    from cloud.serve import serve as run

    place = Place(host, port, frozenset(map(_address, proxies)))
    sys.exit(run(folder, place, as_json=as_json, verbose=verbose))


def _address(text: str) -> str:
    """Return a proxy's address as it is usually written."""
    try:
        return str(ip_address(text))
    except ValueError as trouble:
        message = f"{text!r} is no address such as 127.0.0.1 or ::1"
        raise click.BadParameter(message, param_hint="--proxy") from trouble


@click.command(
    "terminal-code",
    epilog="\b\nExample: ./guichet cloud terminal-code office --role gate --name 'North 1'\n"
    "         ./guichet cloud terminal-code office --role hub --name 'Hub 1'",
)
@FOLDER
@click.option("--role", required=True, type=click.Choice(sorted(ROLES)))
@click.option("--name", required=True, help="What people call the terminal.")
@click.option("--zone", default=1, type=click.IntRange(0, U16_MAX), help="Where a gate leads.")
@click.option("--bar", "bar", default=1, type=click.IntRange(0, U16_MAX), help="Whose sales.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def terminal_code(
    folder: Path,
    role: str,
    name: str,
    zone: int,
    bar: int,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Give out a code with which one new box can enrol within 15 minutes."""
    if not 0 < len(name) <= _NAME_CHARS_MAX:
        message = f"a name has 1 to {_NAME_CHARS_MAX} characters"
        raise click.BadParameter(message, param_hint="--name")
    office = open_office(folder)
    codes = EnrolmentCodes(folder, office.festival)
    place = zone if role == "gate" else bar
    code = give_out(codes, office.festival_key, ROLES[role], name, place, now_s(), random_bytes)
    if as_json:
        print(json.dumps({"code": code.text, "role": role, "name": name}))
        return
    print(code.text)
    hint = f"for the {role} {name!r}, within 15 minutes:"
    print(f"{hint} ./guichet provision enrol DIR --office URL --code {code.text}", file=sys.stderr)
