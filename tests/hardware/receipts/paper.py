"""A receipt printer on paper: what a job's bytes would print, or that they are none of its words.

It knows the few commands that a job may hold and fails at every other byte below 32, so that no
name on a receipt can hide a command.
"""

from dataclasses import dataclass

PAGES = {0: "cp437", 2: "cp850", 16: "cp1252", 17: "cp866", 18: "cp852", 19: "cp858"}


@dataclass
class Picture:
    """Dots, one byte each: 1 is black."""

    width: int
    rows: list[bytes]

    @property
    def blackness(self) -> int:
        return sum(sum(row) for row in self.rows)


@dataclass
class Printed:
    """Rows of text and pictures in their order; the text of large and bold rows apart as well."""

    rows: list[str | Picture]
    large: list[str]
    bold: list[str]
    cut: bool
    fed: int

    @property
    def texts(self) -> list[str]:
        return [row for row in self.rows if isinstance(row, str)]

    @property
    def pictures(self) -> list[Picture]:
        return [row for row in self.rows if isinstance(row, Picture)]


def printed(job: bytes) -> Printed:
    """Print a job."""
    assert job.startswith(b"\x1b@\x1c.")
    paper = Printed([], [], [], cut=False, fed=0)
    page, size, weight, row = "cp437", 0, 0, ""
    at = 4
    while at < len(job):
        assert not paper.cut, "nothing may follow the cut"
        two, three = job[at : at + 2], job[at : at + 3]
        if two == b"\x1bt":
            page, at = PAGES[job[at + 2]], at + 3
        elif two == b"\x1b!":
            size, at = job[at + 2], at + 3
        elif two == b"\x1bE":
            weight, at = job[at + 2], at + 3
        elif two == b"\x1bd":
            paper.fed, at = paper.fed + job[at + 2], at + 3
        elif three == b"\x1dV\x01":
            paper.cut, at = True, at + 3
        elif three == b"\x1dv0":
            picture, at = _picture(job, at)
            paper.rows.append(picture)
        elif job[at] == 10:
            paper.rows.append(row)
            if size:
                paper.large.append(row)
            if weight:
                paper.bold.append(row)
            row, at = "", at + 1
        else:
            assert job[at] >= 32, f"a command is hidden at {at}: {job[at : at + 8].hex()}"
            row, at = row + job[at : at + 1].decode(page), at + 1
    assert row == ""
    assert (size, weight) == (0, 0), "styles are switched off again"
    return paper


def _picture(job: bytes, at: int) -> tuple[Picture, int]:
    assert job[at + 3] == 0
    width = int.from_bytes(job[at + 4 : at + 6], "little")
    height = int.from_bytes(job[at + 6 : at + 8], "little")
    end = at + 8 + width * height
    assert end <= len(job)
    content = job[at + 8 : end]
    rows = [content[y * width : (y + 1) * width] for y in range(height)]
    dots = [bytes(byte >> bit & 1 for byte in row for bit in range(7, -1, -1)) for row in rows]
    return Picture(width * 8, dots), end
