"""The command line of this package: `./guichet cloud …`."""

import sys

import click

from cloud import cli_codes, cli_facts, cli_office
from cloud.settings import BadOffice
from cloud.speak import NotStated
from cloud.store.connection import StoreTrouble
from cloud.store.enrolment_codes import TooManyCodes
from provisioning.keys import BadKeyFile


@click.group(
    "cloud",
    epilog="\b\nExample: ./guichet cloud init office --festival 7 --name Fair --currency EUR\n"
    "         ./guichet cloud serve office --port 8080",
)
def commands() -> None:
    """The office: takes facts in, states the catalogue, shows what is true."""


for command in (
    cli_office.init,
    cli_office.serve,
    cli_office.terminal_code,
    cli_facts.zone,
    cli_facts.ticket_type,
    cli_facts.product,
    cli_facts.policy,
    cli_facts.gate,
    cli_facts.bar,
    cli_facts.status,
    cli_facts.revoke,
    cli_facts.say,
    cli_codes.issue_codes,
    cli_codes.key,
):
    commands.add_command(command)


def main() -> int:
    """Run one command and return its exit status; trouble is told in one sentence."""
    try:
        done = commands(prog_name="./guichet cloud", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as trouble:
        print(trouble.format_message(), file=sys.stderr)
        return 2
    except click.UsageError as trouble:
        print(f"guichet: {trouble.format_message()}", file=sys.stderr)
        return 2
    except (click.Abort, KeyboardInterrupt):
        print("guichet: stopped", file=sys.stderr)
        return 130
    except (BadOffice, BadKeyFile, StoreTrouble, NotStated, TooManyCodes) as trouble:
        print(f"guichet: {trouble}", file=sys.stderr)
        return 1
    except OSError as trouble:
        what = f"{trouble.filename}: {trouble.strerror}" if trouble.filename else str(trouble)
        print(f"guichet: {what}", file=sys.stderr)
        return 1
    return done if isinstance(done, int) else 0


if __name__ == "__main__":
    sys.exit(main())
