"""What a test needs of the machine; one that lacks it is skipped and says what to bring."""

import os
import shutil
from typing import Final

import pytest

from tests.outside.namespaces import SYSTEM_FOLDERS

PACKAGES: Final = {
    "ip": "iproute2",
    "tc": "iproute2",
    "nft": "nftables",
    "faketime": "faketime",
    "fiu-ctrl": "fiu-utils",
    "mkfs.ext4": "e2fsprogs",
    "losetup": "mount",
}


def need(*tools: str, root: bool = False, why: str) -> None:
    """Skip the test unless the tools are there and, where it must be, this is root.

    `why` ends the sentence "... is needed to ...".
    """
    if root and os.geteuid() != 0:
        pytest.skip(f"root is needed to {why}: start `./guichet test` as root")
    path = f"{os.environ.get('PATH', os.defpath)}:{SYSTEM_FOLDERS}"
    for tool in tools:
        if shutil.which(tool, path=path) is None:
            package = PACKAGES[tool]
            pytest.skip(f"{tool} is needed to {why}: bring it with `apt-get install {package}`")
