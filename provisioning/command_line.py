"""How every command line of ours ends: an exit status, and one sentence when something is wrong."""

from typing import Final

import click

BAD_INPUT: Final = 2
STOPPED: Final = 130


def run(commands: click.Group, name: str, *troubles: type[Exception]) -> int:
    """Run one command and return its exit status; expected troubles are told in one sentence.

    0: done, 1: a trouble of the world, 2: the command could not be understood, 130: stopped.
    """
    try:
        done = commands(prog_name=name, standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as trouble:
        click.echo(trouble.format_message(), err=True)
        return BAD_INPUT
    except click.exceptions.Exit as early:
        return early.exit_code
    except click.UsageError as trouble:
        return _say(trouble.format_message(), BAD_INPUT)
    except (click.Abort, KeyboardInterrupt):
        return _say("stopped", STOPPED)
    except troubles as trouble:
        return _say(str(trouble), 1)
    except OSError as trouble:
        where = f"{trouble.filename}: {trouble.strerror}" if trouble.filename else str(trouble)
        return _say(where, 1)
    return done if isinstance(done, int) else 0


def _say(sentence: str, status: int) -> int:
    click.echo(f"guichet: {sentence}", err=True)
    return status
