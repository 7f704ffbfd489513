"""The example of what is wired, in the room's own text, is one that can be wired."""

import re
from pathlib import Path

from hardware.wiring import read_plan

DESIGN = Path(__file__).resolve().parents[2] / "hardware" / "DESIGN.md"


def test_the_example_in_the_text_is_a_whole_gate(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", DESIGN.read_text("utf-8"), re.DOTALL)
    file = tmp_path / "hardware.toml"
    file.write_text(example)
    assert read_plan(file) is not None
