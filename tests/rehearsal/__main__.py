"""The rehearsals' command line: demo, replay, bench."""

import sys

import click

from provisioning.command_line import run
from tests.rehearsal.bench_command import bench_command
from tests.rehearsal.demo_command import demo_command
from tests.rehearsal.replay_command import replay_command


@click.group(epilog="\b\nExample: ./guichet demo\n         ./guichet replay --help")
def commands() -> None:
    """Rehearse a festival on this machine, with real processes."""


@click.command("simulate", epilog="\b\nExample: ./guichet simulate --help")
def simulate() -> int:
    """Not made yet: the deterministic world from one seed comes later."""
    click.echo("guichet: simulate is not made yet; demo and replay are.", err=True)
    return 2


for command in (demo_command, replay_command, bench_command, simulate):
    commands.add_command(command)


def main() -> int:
    """Run one command and return its exit status."""
    return run(commands, "./guichet")


if __name__ == "__main__":
    sys.exit(main())
