"""`./guichet gate-key`: makes, lists and revokes the keys with which others may use a gate."""

from pathlib import Path
from typing import Final

import click

from edge.gate.api.keys import BadKeys, Scope, add_key, read_keys, revoke_key
from provisioning import manifest as manifests
from sync.names import Role

_EXAMPLE: Final = (
    '\b\nExample: ./guichet gate-key gate-1 --name "Kiosk 1"\n'
    "         ./guichet gate-key gate-1 --name Prometheus --scope look\n"
    '         ./guichet gate-key gate-1 --revoke "Kiosk 1"\n'
    "         ./guichet gate-key gate-1 --list"
)


@click.command("gate-key", epilog=_EXAMPLE)
@click.argument(
    "folder", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False)
)
@click.option("--name", metavar="NAME", help="Make a key for who is called so, and print it once.")
@click.option(
    "--scope",
    type=click.Choice([str(one) for one in Scope]),
    default=None,
    help="What the new key may do: scan (default), or look at status, log and figures only.",
)
@click.option("--revoke", metavar="NAME", help="Take a key away; a running gate obeys at once.")
@click.option("--list", "is_list", is_flag=True, help="Name the keys.")
def gate_key(
    folder: Path,
    name: str | None,
    scope: str | None,
    revoke: str | None,
    is_list: bool,  # noqa: FBT001
) -> int:
    """Make, list or revoke a key for the scan API of the gate whose provisioned folder is DIR.

    The box keeps only a digest of each key: what is printed here is never shown again. The scan API
    is off until the gate is started with an address for it. It speaks plain HTTP, without
    encryption: keep it on this machine (127.0.0.1), or on the festival's own closed LAN.
    """
    wishes = [name is not None, revoke is not None, is_list]
    if sum(wishes) != 1:
        message = "say one of --name NAME, --revoke NAME and --list"
        raise click.UsageError(message)
    if scope is not None and name is None:
        message = "--scope belongs to --name"
        raise click.UsageError(message)
    _check_folder(folder)
    try:
        if name is not None:
            click.echo(add_key(folder, name, Scope(scope or Scope.SCAN)))
            click.echo(
                "This key is shown this once. Keep it where its holder alone reads it.", err=True
            )
        elif revoke is not None:
            revoke_key(folder, revoke)
        else:
            for key in read_keys(folder):
                click.echo(f"{key.scope}  {key.name}")
    except BadKeys as trouble:
        raise click.UsageError(str(trouble)) from trouble
    return 0


def _check_folder(folder: Path) -> None:
    """Refuse a folder that is no gate's; `BadManifest` if it is no terminal's at all."""
    manifest = manifests.load(folder)
    if manifest.writer_role is not Role.GATE:
        message = f"{folder} is a {manifest.role}, not a gate"
        raise click.UsageError(message)
