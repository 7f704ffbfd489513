"""What the office knows of its terminals: which are believed, what they are called."""

from sync import catalogue
from sync.cells import CellKey, CellKind, Cells
from sync.names import Area, Role


def placed(cells: Cells) -> list[bytes]:
    """Return every gate and bar that was stated, and every hub that was certified."""
    gates = [gate.terminal for gate in catalogue.gates(cells)]
    return gates + [bar.terminal for bar in catalogue.bars(cells)] + hubs(cells)


def hubs(cells: Cells) -> list[bytes]:
    """Return every hub that was certified: a hub stands at no gate and no bar."""
    named = cells.items(Area.OFFICE, CellKind.CERTIFICATE)
    return [key.key for key, (_, role) in named if role == Role.HUB]


def is_placed(cells: Cells, terminal: bytes) -> bool:
    """Tell whether a gate or bar with this id was stated, or a hub certified."""
    gate = catalogue.gate_of(cells, terminal)
    if gate is not None or catalogue.bar_of(cells, terminal) is not None:
        return True
    named = cells.get(CellKey(Area.OFFICE, CellKind.CERTIFICATE, terminal))
    return bool(named is not None and named[1] == Role.HUB)


def terminal_name(cells: Cells, terminal: bytes) -> str:
    """Return what people call a terminal: the name of its place, else the beginning of its id."""
    gate = catalogue.gate_of(cells, terminal)
    if gate is not None:
        return gate.name
    bar = catalogue.bar_of(cells, terminal)
    if bar is not None:
        return bar.name
    named = cells.get(CellKey(Area.OFFICE, CellKind.CERTIFICATE, terminal))
    return str(named[0]) if named else terminal.hex()[:8]


def terminals_named(cells: Cells, name: str) -> list[bytes]:
    """Return the gates, bars and hubs with this name, or whose id in hex it is."""
    return [one for one in placed(cells) if name in {terminal_name(cells, one), one.hex()}]
