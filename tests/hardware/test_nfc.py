"""A chip held to the reader is heard once; readers and the service behind them come and go."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.nfc import NfcReader, NfcTrouble, find_pcsc
from hardware.ports import CodeSource, Heard, SourceState
from tests.hardware.chips import UID, Files, Pages, Service, block, text_message
from tests.hardware.waiting import until

READER = "Bench Reader 00 00"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hardware.nfc.REOPEN_MS_MIN", 5)
    monkeypatch.setattr("hardware.nfc.LOOK_MS", 20)


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def heard(service: Service) -> Iterator[list[Heard]]:
    """What a reader hears of the chips that are laid on it."""
    said: list[Heard] = []
    source: CodeSource = NfcReader(0, service)
    source.start(said.append)
    assert until(lambda: source.state is SourceState.OPEN)
    yield said
    source.close()
    assert source.state is SourceState.UNPLUGGED
    assert service.contexts == set(), "every context is given back"


def test_a_chip_is_heard_with_its_uid_and_text(service: Service, heard: list[Heard]) -> None:
    service.lay(Pages(block(text_message("GU1:A"))))
    assert until(lambda: heard == [Heard("GU1:A", UID, READER)])
    service.lay(None)
    service.lay(Files(text_message("GU1:B")))
    assert until(lambda: len(heard) == 2)
    assert heard[1] == Heard("GU1:B", UID, READER)


def test_a_chip_that_stays_is_heard_once_and_again_when_it_comes_back(
    service: Service, heard: list[Heard]
) -> None:
    tag = Pages(block(text_message("GU1:A")))
    service.lay(tag)
    assert until(lambda: len(heard) == 1)
    assert not until(lambda: len(heard) > 1, patience_s=0.3)
    service.lay(None)
    assert until(lambda: service._now(READER) & service.SCARD_STATE_EMPTY)
    service.lay(tag)
    assert until(lambda: len(heard) == 2)


def test_a_chip_that_another_program_uses_is_not_heard_again(
    service: Service, heard: list[Heard]
) -> None:
    service.lay(Pages(b""))
    assert until(lambda: len(heard) == 1)
    context = min(service.contexts)
    for _ in range(3):
        _, card, _ = service.SCardConnect(context, READER, 2, 3)
        until(lambda: False, patience_s=0.05)
        service.SCardDisconnect(card, 0)
    assert not until(lambda: len(heard) > 1, patience_s=0.2)


def test_a_blank_wristband_is_heard_by_its_uid(service: Service, heard: list[Heard]) -> None:
    service.lay(Pages(b""))
    assert until(lambda: heard == [Heard(None, UID, READER)])


def test_a_chip_taken_away_too_early_says_nothing_and_then_all(
    service: Service, heard: list[Heard]
) -> None:
    tag = Pages(block(text_message("A" * 200)))

    def take_away(command: bytes) -> bool:
        if command[3:4] == b"\x07":
            service.on_answer = None
            service.lay(None)
        return False

    service.on_answer = take_away
    service.lay(tag)
    assert until(lambda: service.on_answer is None)
    assert not until(lambda: heard, patience_s=0.2)
    service.lay(tag)
    assert until(lambda: [h.text for h in heard] == ["A" * 200])


def test_a_chip_that_falters_once_is_read_again(service: Service, heard: list[Heard]) -> None:
    failures = [True]
    service.on_answer = lambda command: (
        command[3:4] == b"\x07" and failures.pop() if failures else False
    )
    service.lay(Pages(block(text_message("A" * 200))))
    assert until(lambda: [h.text for h in heard] == ["A" * 200])
    assert service.connected == 2


def test_a_chip_that_always_falters_is_heard_by_its_uid_alone(
    service: Service, heard: list[Heard]
) -> None:
    service.on_answer = lambda command: command[:2] == b"\xff\xb0"
    service.lay(Pages(block(text_message("A"))))
    assert until(lambda: heard == [Heard(None, UID, READER)])
    assert service.connected == 3


def test_a_mute_chip_says_nothing(service: Service, heard: list[Heard]) -> None:
    service.mute = True
    service.lay(Pages(b""))
    assert not until(lambda: heard, patience_s=0.2)
    assert service.connected == 0


def test_a_reader_that_is_unplugged_is_found_again(service: Service) -> None:
    heard: list[Heard] = []
    reader = NfcReader(0, service)
    reader.start(heard.append)
    assert until(lambda: reader.state is SourceState.OPEN)
    service.readers = ()
    assert until(lambda: reader.state is SourceState.UNPLUGGED)
    assert until(lambda: reader.trouble == "NFC reader 0 is not plugged in")
    service.readers = ("Another Reader 00 00",)
    assert until(lambda: reader.state is SourceState.OPEN)
    assert reader.trouble == ""
    service.lay(Pages(b""))
    assert until(lambda: [h.source_name for h in heard] == ["Another Reader 00 00"])
    reader.close()


def test_a_service_that_stops_and_starts_is_found_again(service: Service) -> None:
    heard: list[Heard] = []
    service.runs = False
    reader = NfcReader(0, service)
    reader.start(heard.append)
    assert until(lambda: "does pcscd run?" in reader.trouble)
    service.runs = True
    assert until(lambda: reader.state is SourceState.OPEN)
    service.runs = False
    service.lay(None)
    assert until(lambda: reader.state is SourceState.UNPLUGGED)
    service.runs = True
    service.lay(Pages(b""))
    assert until(lambda: len(heard) == 1)
    reader.close()
    assert service.contexts == set()


def test_the_second_of_two_readers_can_be_named(service: Service) -> None:
    service.readers = ("First", "Second")
    heard: list[Heard] = []
    reader = NfcReader(1, service)
    reader.start(heard.append)
    service.lay(Pages(b""))
    assert until(lambda: [h.source_name for h in heard] == ["Second"])
    reader.close()


def test_a_reader_is_started_once(service: Service) -> None:
    reader = NfcReader(0, service)
    reader.start(lambda _: None)
    with pytest.raises(RuntimeError, match="started once"):
        reader.start(lambda _: None)
    reader.close()
    reader.close()


@pytest.fixture
def no_pyscard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide pyscard, should this environment have it, and put it back afterwards."""
    for name in [n for n in sys.modules if n.split(".", 1)[0] == "smartcard"]:
        monkeypatch.delitem(sys.modules, name)
    path = [p for p in sys.path if not (Path(p) / "smartcard").is_dir()]
    monkeypatch.setattr("sys.path", path)


def test_a_machine_without_pyscard_is_told_what_to_install(
    no_pyscard: None, tmp_path: Path
) -> None:
    with pytest.raises(NfcTrouble, match=r"apt-get install pcscd python3-pyscard.*version"):
        find_pcsc(tmp_path)
    assert "smartcard" not in sys.modules


def test_a_package_for_another_python_is_refused_in_the_same_words(
    no_pyscard: None, tmp_path: Path
) -> None:
    package = tmp_path / "smartcard"
    (package / "scard").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "scard" / "__init__.py").write_text("from smartcard.scard import _scard\n")
    with pytest.raises(NfcTrouble, match="python3-pyscard"):
        find_pcsc(tmp_path)
    assert "smartcard" not in sys.modules


def test_debian_s_package_is_found_beside_an_environment(no_pyscard: None, tmp_path: Path) -> None:
    package = tmp_path / "smartcard"
    (package / "scard").mkdir(parents=True)
    (package / "__init__.py").write_text("from smartcard.scard import *\n")
    (package / "scard" / "__init__.py").write_text("SCARD_S_SUCCESS = 0\n")
    try:
        assert find_pcsc(tmp_path).SCARD_S_SUCCESS == 0
    finally:
        for name in ("smartcard.scard", "smartcard"):
            del sys.modules[name]
