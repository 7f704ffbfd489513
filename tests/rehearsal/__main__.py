"""The rehearsals' command line: demo, replay, bench, simulate."""

import sys

import click

from provisioning.command_line import run
from tests.rehearsal.bench_command import bench_command
from tests.rehearsal.demo_command import demo_command
from tests.rehearsal.replay_command import replay_command
from tests.simulation.command import simulate_command


@click.group(epilog="\b\nExample: ./guichet demo\n         ./guichet replay --help")
def commands() -> None:
    """Rehearse a festival on this machine, with real processes."""


for command in (demo_command, replay_command, bench_command, simulate_command):
    commands.add_command(command)


def main() -> int:
    """Run one command and return its exit status."""
    return run(commands, "./guichet")


if __name__ == "__main__":
    sys.exit(main())
