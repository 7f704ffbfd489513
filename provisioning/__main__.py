"""The command line of this package: `./guichet provision …` and `./guichet code …`."""

import sys

import click

from provisioning.cli_code import code
from provisioning.cli_provision import provision
from provisioning.command_line import run
from provisioning.enrol import OfficeUnreachable
from provisioning.keys import BadKeyFile
from provisioning.manifest import BadManifest
from provisioning.terminal_folder import FolderBusy


@click.group(epilog="\b\nExample: ./guichet provision --help\n         ./guichet code --help")
def commands() -> None:
    """Make boxes ready, issue and verify codes."""


commands.add_command(provision)
commands.add_command(code)


def main() -> int:
    """Run one command and return its exit status."""
    return run(commands, "./guichet", OfficeUnreachable, FolderBusy, BadManifest, BadKeyFile)


if __name__ == "__main__":
    sys.exit(main())
