"""The command line of a terminal: gate, bar, hub, gate-explain, bar-exposure, read."""

import sys

import click

from edge.bar.command import bar
from edge.commands import bar_exposure, gate_explain
from edge.gate.api.address import ApiTrouble
from edge.gate.command import gate
from edge.gate.keys_command import gate_key
from edge.gate.outside import NoDirection
from edge.hub.command import hub
from edge.neighbours.lan import LanTrouble
from edge.read_command import read_command
from edge.store.connection import StoreTrouble
from hardware.camera import CameraTrouble
from hardware.wiring import BadWiring
from provisioning.command_line import run
from provisioning.manifest import BadManifest


@click.group(epilog="\b\nExample: ./guichet gate --help\n         ./guichet bar --help")
def commands() -> None:
    """Run a gate, a bar or a hub, look into its folder, read codes from pictures."""


for command in (gate, gate_key, bar, hub, gate_explain, bar_exposure, read_command):
    commands.add_command(command)


def main() -> int:
    """Run one command and return its exit status."""
    lines = (ApiTrouble, LanTrouble)
    troubles = (StoreTrouble, BadManifest, CameraTrouble, BadWiring, NoDirection)
    return run(commands, "./guichet", *troubles, *lines)


if __name__ == "__main__":
    sys.exit(main())
