"""The command line of a terminal: gate, bar, gate-explain, bar-exposure, read."""

import sys

import click

from edge.commands import bar, bar_exposure, gate, gate_explain
from edge.read_command import read_command
from edge.store.connection import StoreTrouble
from hardware.camera import CameraTrouble
from provisioning.manifest import BadManifest


@click.group(epilog="\b\nExample: ./guichet gate --help\n         ./guichet bar --help")
def commands() -> None:
    """Run a gate or a bar, look into its folder, read codes from pictures."""


for command in (gate, bar, gate_explain, bar_exposure, read_command):
    commands.add_command(command)


def main() -> int:
    """Run one command and return its exit status; trouble is told in one sentence."""
    try:
        done = commands(prog_name="./guichet", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as trouble:
        print(trouble.format_message(), file=sys.stderr)
        return 2
    except click.exceptions.Exit as done_early:
        return done_early.exit_code
    except click.UsageError as trouble:
        print(f"guichet: {trouble.format_message()}", file=sys.stderr)
        return 2
    except (click.Abort, KeyboardInterrupt):
        print("guichet: stopped", file=sys.stderr)
        return 130
    except (StoreTrouble, BadManifest, CameraTrouble) as trouble:
        print(f"guichet: {trouble}", file=sys.stderr)
        return 1
    except OSError as trouble:
        print(f"guichet: {trouble.filename or ''}: {trouble.strerror}", file=sys.stderr)
        return 1
    return done if isinstance(done, int) else 0


if __name__ == "__main__":
    sys.exit(main())
