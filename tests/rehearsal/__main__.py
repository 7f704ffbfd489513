"""The rehearsals' command line: demo, replay, bench."""

import sys

import click

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
    return done if isinstance(done, int) else 0


if __name__ == "__main__":
    sys.exit(main())
