"""The command line of this package: `./guichet cloud …`."""

import sys

import click

from cloud import (
    cli_accounts,
    cli_authority,
    cli_codes,
    cli_facts,
    cli_office,
    cli_prices,
    cli_quotas,
    cli_recovery,
    cli_snapshot,
    cli_staff,
)
from cloud.settings import BadOffice
from cloud.speak import NotStated
from cloud.store.connection import StoreTrouble
from cloud.store.enrolment_codes import TooManyCodes
from provisioning.command_line import run
from provisioning.keys import BadKeyFile
from sync.snapshot import SnapshotTooLarge


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
    cli_office.metrics_key,
    cli_office.terminal_code,
    cli_accounts.superadmin_link,
    cli_facts.zone,
    cli_facts.ticket_type,
    cli_prices.product,
    cli_prices.voucher,
    cli_quotas.quota,
    cli_quotas.write_off,
    cli_facts.policy,
    cli_facts.gate,
    cli_facts.bar,
    cli_facts.status,
    cli_facts.revoke,
    cli_facts.say,
    cli_recovery.restored,
    cli_recovery.recovery,
    cli_codes.issue_codes,
    cli_codes.key,
    cli_staff.staff,
    cli_authority.authority,
    cli_snapshot.snapshot,
):
    commands.add_command(command)


def main() -> int:
    """Run one command and return its exit status."""
    troubles = (BadOffice, BadKeyFile, StoreTrouble, NotStated, TooManyCodes, SnapshotTooLarge)
    return run(commands, "./guichet cloud", *troubles)


if __name__ == "__main__":
    sys.exit(main())
