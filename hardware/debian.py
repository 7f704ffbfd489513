"""Libraries that have no wheel and that Debian brings for its own Python: found, never required."""

import importlib
import sys
from pathlib import Path
from typing import Any, Final

DEBIAN_PACKAGES: Final = Path("/usr/lib/python3/dist-packages")


def imported(name: str, debian: Path = DEBIAN_PACKAGES) -> Any:
    """Return a module of ours or else of Debian's; `ImportError` or `OSError` if there is none.

    Debian's folder is looked into last and for this import only, so that nothing else of it can
    take the place of what the lock pins.
    """
    try:
        return importlib.import_module(name)
    except ImportError:
        top = name.split(".", 1)[0]
        _forget(top)
    sys.path.append(str(debian))
    try:
        return importlib.import_module(name)
    except (ImportError, OSError):
        _forget(top)
        raise
    finally:
        sys.path.remove(str(debian))


def _forget(top: str) -> None:
    """Leave nothing behind of a package that was imported by half."""
    for known in [one for one in sys.modules if one.split(".", 1)[0] == top]:
        del sys.modules[known]
    importlib.invalidate_caches()
