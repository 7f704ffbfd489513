"""The command line of this package: `./guichet provision …` and `./guichet code …`."""

import sys

import click

from provisioning.cli_code import code
from provisioning.cli_provision import provision
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
    """Run one command and return its exit status; trouble is told in one sentence."""
    try:
        done = commands(prog_name="./guichet", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as trouble:
        print(trouble.format_message(), file=sys.stderr)
        return 2
    except click.UsageError as trouble:
        print(f"guichet: {trouble.format_message()}", file=sys.stderr)
        return 2
    except (click.Abort, KeyboardInterrupt):
        print("guichet: stopped", file=sys.stderr)
        return 130
    except (OfficeUnreachable, FolderBusy, BadManifest, BadKeyFile) as trouble:
        print(f"guichet: {trouble}", file=sys.stderr)
        return 1
    except OSError as trouble:
        print(f"guichet: {trouble.filename or ''}: {trouble.strerror}", file=sys.stderr)
        return 1
    return done if isinstance(done, int) else 0


if __name__ == "__main__":
    sys.exit(main())
