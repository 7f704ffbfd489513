"""A checkout with nothing but the start script, a one-package lock and a stand-in command."""

import base64
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.tidy.sources import CHECKOUT

PYTHON = Path(sys.executable).resolve()
LOCKS = {"run": "requirements.lock", "test": "requirements-test.lock"}


class BareCheckout:
    """A folder, with a space in its name, that `guichet` sets up from a wheelhouse beside it."""

    def __init__(self, folder: Path) -> None:
        """Lay out the checkout and a wheelhouse that holds what its locks name."""
        self.root = folder / "a checkout"
        self.home = folder / "home"
        self.wheels = folder / "wheels"
        self.venv = self.root / ".venv"
        for made in (self.root / "edge", self.home, self.wheels):
            made.mkdir(parents=True)
        shutil.copy(CHECKOUT / "guichet", self.root / "guichet")
        (self.root / "edge" / "__main__.py").write_text(
            "import os, sys\nprint('\\n'.join(['ran', os.getcwd(), *sys.argv[1:]]))\n"
        )
        self.lock_to("1.0")

    def lock_to(self, version: str) -> None:
        """Pin the one package to a version, and put its wheel into the wheelhouse."""
        digest = _write_wheel(self.wheels, version)
        for lock in LOCKS.values():
            (self.root / lock).write_text(
                f"cup=={version} \\\n    --hash=sha256:{digest}\n    # via us\n"
            )

    def pretend_ready(self) -> None:
        """Make an environment that the script takes for complete, without building one."""
        (self.venv / "bin").mkdir(parents=True)
        (self.venv / "bin" / "python").symlink_to(PYTHON)
        for kind, lock in LOCKS.items():
            digest = hashlib.sha256((self.root / lock).read_bytes()).hexdigest()
            stamp = f"{digest}  - {PYTHON} {platform.machine()}\n"
            (self.venv / f"{kind}.stamp").write_text(stamp)

    def environment(self, **changes: str) -> dict[str, str]:
        """Almost nothing, as after `env -i`, and no package index but the wheelhouse."""
        bare = {
            "PATH": f"{PYTHON.parent}:/usr/bin:/bin",
            "HOME": str(self.home),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.wheels),
        }
        return bare | changes

    def start(
        self, *arguments: str, script: Path | None = None, cwd: Path | None = None, **changes: str
    ) -> subprocess.CompletedProcess[str]:
        """Run the start script to its end."""
        return subprocess.run(
            [str(script or self.root / "guichet"), *arguments],
            cwd=cwd or self.home,
            env=self.environment(**changes),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )

    def installed_version(self) -> str:
        """The version of the package that the environment now holds, or nothing."""
        found = sorted(self.venv.glob("lib/*/site-packages/cup-*.dist-info"))
        return ",".join(path.name.removeprefix("cup-").removesuffix(".dist-info") for path in found)


def _write_wheel(folder: Path, version: str) -> str:
    """Write the smallest wheel that pip installs, and return its SHA-256."""
    info = f"cup-{version}.dist-info"
    files = {
        "cup.py": f"version = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: cup\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    for name, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=")
        record += f"{name},sha256={digest.decode()},{len(text.encode())}\n"
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n"
    path = folder / f"cup-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in files.items():
            wheel.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), text)
    return hashlib.sha256(path.read_bytes()).hexdigest()
