"""`./guichet provision`: makes a box's key, enrols it at its office, fills its folder."""

import json
import sys
from pathlib import Path
from typing import Final

import click

from provisioning.chance import random_bytes
from provisioning.enrol import NotEnrolled, enrol, office_address
from provisioning.enrolment import read_code

_EXAMPLE: Final = (
    "\b\nExample: ./guichet provision enrol gate-1 --office http://10.0.0.2:8080 \\\n"
    "             --code 7K3QM-2F9TX-0B4HN-W8RJA"
)


@click.group("provision", epilog=_EXAMPLE)
def provision() -> None:
    """Make a box ready for its festival."""


@provision.command("enrol", epilog=_EXAMPLE)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--office", required=True, metavar="URL", help="Where the office answers.")
@click.option("--code", required=True, metavar="CODE", help="From cloud terminal-code.")
@click.option("--again", is_flag=True, help="Enrol a folder anew; its old files are kept in it.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def enrol_box(
    folder: Path,
    office: str,
    code: str,
    again: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> None:
    """Make this box a terminal of a festival, in the folder DIR.

    The office gives the code out: ./guichet cloud terminal-code. A code lives 15 minutes. If the
    line drops, give the same command again.
    """
    if office_address(office) is None:
        message = f"{office!r} is no address; it looks like http://HOST:PORT"
        raise click.BadParameter(message, param_hint="--office")
    if read_code(code) is None:
        message = "this is no enrolment code: it has 20 letters and digits, without U"
        raise click.BadParameter(message, param_hint="--code")
    manifest = enrol(folder, office, code, random_bytes, again=again)
    if isinstance(manifest, NotEnrolled):
        print(f"guichet: {manifest.sentence}", file=sys.stderr)
        sys.exit(1)
    row = {name: getattr(manifest, name) for name in ("role", "name", "terminal", "festival")}
    if as_json:
        print(json.dumps(row | {"folder": str(folder)}))
    else:
        print(
            f"{folder} is now the {manifest.role} {manifest.name!r} of"
            f" {manifest.festival_name or manifest.festival!r}."
            f" Start it: ./guichet {manifest.role} {folder}"
        )
