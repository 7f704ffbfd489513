"""A box whose power goes out before its n-th change of the file system, for the tests."""

import os
import signal
import sys
from pathlib import Path

from provisioning.chance import random_bytes
from provisioning.enrol import NotEnrolled, enrol

CHANGES = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "shutil.rmtree"}


def main(step: int, folder: str, office: str, code: str) -> int:
    """Enrol, and die by SIGKILL before file operation number `step`; 1 if it was refused."""
    left = step

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        writes = event == "open" and _writes(arguments)
        if (writes or event in CHANGES) and folder in str(arguments[0]):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    result = enrol(Path(folder), office, code, random_bytes, again=True)
    if isinstance(result, NotEnrolled):
        print(result.sentence, file=sys.stderr)
        return 1
    return 0


def _writes(arguments: tuple[object, ...]) -> bool:
    """Tell whether an audited open may write."""
    flags = arguments[2]
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), *sys.argv[2:]))
