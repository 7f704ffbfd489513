"""The command that reads the codes in image files, for trying cameras and checking prints."""

import json
from pathlib import Path
from typing import Any

import click

from hardware.camera import CameraTrouble, read_picture
from hardware.code_reader import CodeReader, read_all


@click.command(
    "read",
    epilog="Example: ./guichet read photo.jpg ticket.png",
)
@click.argument("images", nargs=-1, required=True, metavar="IMAGE...")
@click.option("--inline-only", is_flag=True, help="Ask only the fast readers that a gate uses.")
@click.pass_context
def read_command(context: click.Context, images: tuple[str, ...], *, inline_only: bool) -> None:
    """Print the text of the QR codes in image files: one JSON object a line.

    Each has `file`, `texts`, `bytes_hex` and `milliseconds`. A picture without a code is readable:
    its `texts` are empty. A file that is no picture is named, and the command ends with 1.
    """
    reader = CodeReader()
    failed = False
    for name in images:
        row: dict[str, Any] = {"file": name, "texts": [], "bytes_hex": [], "milliseconds": 0}
        try:
            picture = read_picture(Path(name))
        except CameraTrouble as trouble:
            failed = True
            row["error"] = str(trouble)
            click.echo(str(trouble), err=True)
        else:
            reading = reader.read(picture) if inline_only else read_all(picture, reader)
            row["texts"] = list(reading.texts)
            row["bytes_hex"] = [payload.hex() for payload in reading.payloads]
            row["milliseconds"] = round(reading.microseconds / 1000, 3)
            row["reader"] = reading.reader
        click.echo(json.dumps(row, ensure_ascii=False))
    context.exit(1 if failed else 0)
