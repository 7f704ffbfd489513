"""The start script, run for real in a bare checkout of its own."""

import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.tidy.bare_checkout import PYTHON, BareCheckout
from tests.tidy.sources import CHECKOUT


@pytest.fixture
def bare(tmp_path: Path) -> BareCheckout:
    return BareCheckout(tmp_path)


@pytest.fixture
def ready(bare: BareCheckout) -> BareCheckout:
    bare.pretend_ready()
    return bare


@pytest.mark.parametrize("asked", [[], ["help"], ["--help"], ["-h"]])
def test_help_needs_no_set_up(bare: BareCheckout, asked: list[str]) -> None:
    done = bare.start(*asked)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Example: ./guichet demo" in done.stdout
    assert not bare.venv.exists()


def test_an_unknown_command_is_refused_in_one_sentence(bare: BareCheckout) -> None:
    done = bare.start("gates", "DIR")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "guichet: there is no command 'gates'; './guichet help' lists them all.\n"


def test_a_command_gets_its_arguments_and_the_folder_of_the_person(ready: BareCheckout) -> None:
    done = ready.start("gate", "my box", "--headless", "", "*")
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "ran",
        str(ready.home),
        "gate",
        "my box",
        "--headless",
        "",
        "*",
    ]


def test_the_script_works_through_a_chain_of_links(ready: BareCheckout, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "first").symlink_to("../a checkout/guichet")
    (tmp_path / "second").symlink_to("bin/first")
    assert ready.start("bar", script=tmp_path / "second").stdout.startswith("ran")


def test_the_checkout_wins_over_what_lies_where_it_was_started(ready: BareCheckout) -> None:
    (ready.home / "edge").mkdir()
    (ready.home / "edge" / "__main__.py").write_text("print('somebody else')")
    done = ready.start("gate", PYTHONPATH=str(ready.home), PYTHONHOME="/nowhere")
    assert done.stdout.startswith("ran")


def test_a_second_start_adds_less_than_a_tenth_of_a_second(ready: BareCheckout) -> None:
    python = [str(ready.venv / "bin" / "python"), "-m", "edge", "gate"]
    environment = ready.environment(PYTHONPATH=str(ready.root), PYTHONSAFEPATH="1")
    added = []
    for _ in range(5):
        begun = time.perf_counter()
        subprocess.run(python, env=environment, check=True, capture_output=True)
        alone = time.perf_counter()
        assert ready.start("gate").returncode == 0
        added.append((time.perf_counter() - alone) - (alone - begun))
    assert min(added) < 0.1


def test_a_colon_in_the_path_is_named(bare: BareCheckout, tmp_path: Path) -> None:
    moved = tmp_path / "half:past"
    shutil.move(bare.root, moved)
    done = bare.start("gate", script=moved / "guichet")
    assert done.returncode == 1
    assert "a colon in its name" in done.stderr


def test_a_machine_without_python_is_told_what_to_bring(bare: BareCheckout, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("readlink", "sha256sum", "uname", "flock", "id", "rm", "mv"):
        (tools / tool).symlink_to(str(shutil.which(tool)))
    done = bare.start("gate", PATH=str(tools))
    assert done.returncode == 1
    assert "no Python 3.11 or newer was found" in done.stderr


def test_a_first_start_sets_up_from_a_wheelhouse_and_a_second_does_not(bare: BareCheckout) -> None:
    first = bare.start("gate")
    assert first.returncode == 0, first.stderr
    assert "setting up in" in first.stderr
    assert "guichet:   cup-1.0-py3-none-any.whl" in first.stderr
    assert first.stdout.startswith("ran")
    second = bare.start("gate")
    assert (second.returncode, second.stderr) == (0, "")

    bare.lock_to("2.0")
    renewed = bare.start("gate")
    assert renewed.returncode == 0, renewed.stderr
    assert bare.installed_version() == "2.0"
    assert not (bare.root / ".venv.before").exists()


def test_an_offline_machine_is_told_what_is_missing_and_how_to_bring_it(
    bare: BareCheckout,
) -> None:
    shutil.rmtree(bare.wheels)
    done = bare.start("gate")
    assert (done.returncode, done.stdout) == (1, "")
    assert "cup==1.0" in done.stderr
    assert "this machine is offline" in done.stderr
    assert "pip download --require-hashes --no-deps -r requirements.lock" in done.stderr
    assert "PIP_NO_INDEX=1 PIP_FIND_LINKS=" in done.stderr
    assert not bare.venv.exists()


def test_a_failed_update_gives_the_older_environment_back(bare: BareCheckout) -> None:
    assert bare.start("gate").returncode == 0
    old_lock = (bare.root / "requirements.lock").read_text()
    bare.lock_to("2.0")
    shutil.rmtree(bare.wheels)
    assert bare.start("gate").returncode == 1
    assert bare.installed_version() == "1.0"
    (bare.root / "requirements.lock").write_text(old_lock)
    back = bare.start("gate")
    assert (back.returncode, back.stderr) == (0, "")


def test_a_package_with_other_bytes_is_refused(bare: BareCheckout) -> None:
    wheel = next(bare.wheels.iterdir())
    wheel.write_bytes(wheel.read_bytes() + b"\0")
    done = bare.start("gate")
    assert (done.returncode, done.stdout) == (1, "")
    assert "a package is not the one that requirements.lock names" in done.stderr
    assert not bare.venv.exists()


def test_a_half_made_environment_is_built_anew(bare: BareCheckout) -> None:
    (bare.venv / "bin").mkdir(parents=True)
    (bare.venv / "bin" / "python").write_text("half")
    (bare.venv / "left over").touch()
    done = bare.start("gate")
    assert done.returncode == 0, done.stderr
    assert bare.installed_version() == "1.0"
    assert not (bare.venv / "left over").exists()


def test_two_starts_at_once_set_up_once(bare: BareCheckout) -> None:
    starts = [
        subprocess.Popen(
            [str(bare.root / "guichet"), "gate"],
            env=bare.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    ends = [start.communicate(timeout=100) for start in starts]
    assert [out.startswith("ran") for out, _ in ends] == [True, True]
    said = "".join(err for _, err in ends)
    assert said.count("setting up in") == 1
    assert "another start is setting up; waiting for it" in said


def test_a_start_that_was_killed_leaves_no_lock_behind(bare: BareCheckout) -> None:
    start = subprocess.Popen(
        [str(bare.root / "guichet"), "gate"],
        env=bare.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert start.stderr is not None
    assert "setting up" in start.stderr.readline()
    os.killpg(start.pid, 9)
    start.communicate(timeout=100)
    again = bare.start("gate")
    assert again.returncode == 0, again.stderr
    assert again.stdout.startswith("ran")


def pretended_system(tools: Path, *hidden: str) -> Path:
    """Fill a folder with the system's commands but those hidden, with root's id, and with an apt.

    That apt installs nothing and writes down what it was asked for; the folder it is in is all
    that a search path needs.
    """
    tools.mkdir()
    for tool in Path("/usr/bin").iterdir():
        if not tool.name.startswith(hidden):
            (tools / tool.name).symlink_to(tool)
    asked = tools / "asked"
    for name, line in {"id": "echo 0", "apt-get": f'echo "$@" >>"{asked}"; exit 1'}.items():
        (tools / name).unlink(missing_ok=True)
        (tools / name).write_text(f"#!/bin/sh\n{line}\n")
        (tools / name).chmod(0o755)
    return asked


def test_root_is_brought_what_the_tests_of_failures_need_and_goes_on_without_it(
    bare: BareCheckout, tmp_path: Path
) -> None:
    assert bare.start("gate").returncode == 0
    tools = tmp_path / "tools"
    asked = pretended_system(tools, "fiu-", "faketime")
    is_in_tools = (tools / PYTHON.name).exists()  # the folder beside it may hold what is hidden
    done = bare.start("test", PATH=f"{tools}" if is_in_tools else f"{tools}:{PYTHON.parent}")
    assert any(
        line.endswith("faketime fiu-utils") and " install " in line
        for line in asked.read_text("utf-8").splitlines()
    )
    assert "not installed: faketime fiu-utils. A few tests will be skipped." in done.stderr
    assert "guichet: lint" in done.stderr  # the tests begin all the same


def test_the_script_is_clean_shell() -> None:
    program = Path(sys.executable).parent / "shellcheck"
    if platform.machine() != "x86_64":
        pytest.skip("no shellcheck wheel exists for this kind of machine: the lock leaves it out")
    done = subprocess.run(
        [str(program), "guichet", ".ci/run"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")
