"""A hub as a box: its commands, its plain words, and its process."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge.headless import BadCommand
from edge.hub.box import HubBox
from edge.hub.desk import HubDesk
from edge.hub.plain import PlainInput, PlainSpeaker
from edge.terminal import WrongRole
from sync.asking import AUTHORITY_PATH
from sync.facts import AuthorityHanded
from tests.edge.bar.tills import BOSS, PLACE, STAFF, badge
from tests.edge.boxes import Child, make_folder, office_says, told
from tests.edge.hub.hubs import HUB, Site, open_hub


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    one = Site(tmp_path)
    yield one
    one.close()


def desk_of(site: Site, *, needs_staff: bool = False) -> HubDesk:
    hub = site.hub
    return hub.terminal.lane.run(
        lambda: HubDesk(hub.terminal, hub.authority, needs_staff=needs_staff)
    )


def tell(site: Site, what: str, *, needs_staff: bool = False, **command: Any) -> dict[str, Any]:
    return told(site.hub.terminal, desk_of(site, needs_staff=needs_staff), what, command)


def test_a_hub_says_who_is_the_authority_and_how_many_tills_are_level(site: Site) -> None:
    site.level()
    found = tell(site, "authority")
    assert (found["mine"], found["holder"], found["version"]) == (False, "", 0)
    assert (found["tills"], found["tills_level"]) == (2, 2)
    site.say(AuthorityHanded(1, HUB), number=60)
    found = tell(site, "authority")
    assert (found["mine"], found["lends"], found["version"]) == (True, False, 1)
    site.read_office()
    assert tell(site, "authority")["lends"]


def test_a_hub_that_is_not_the_authority_has_nothing_to_hand_back(site: Site) -> None:
    with pytest.raises(BadCommand, match="not the authority"):
        tell(site, "hand_back")
    site.say(AuthorityHanded(1, HUB), number=60)
    with pytest.raises(BadCommand, match="ne sait pas tout"):
        tell(site, "hand_back", language="fr")


def test_handing_back_wants_a_supervisor_unless_a_script_does_it(site: Site) -> None:
    site.hand_to_hub()
    with pytest.raises(BadCommand, match="supervisor"):
        tell(site, "hand_back", needs_staff=True)
    with pytest.raises(BadCommand, match="may not"):
        tell(site, "hand_back", needs_staff=True, **badge(701))
    with pytest.raises(BadCommand, match="PIN"):
        tell(site, "hand_back", needs_staff=True, **badge(BOSS) | {"pin": "111111"})
    assert tell(site, "hand_back", needs_staff=True, **badge(BOSS))["event"] == "done"
    assert not site.hub.authority.is_mine


def test_a_script_hands_back_without_a_badge(site: Site) -> None:
    site.hand_to_hub()
    answer = tell(site, "hand_back")
    body = site.hub.terminal.store.newest_of(HUB, 1)[0].body
    assert (answer["event"], body) == ("done", AuthorityHanded(2, None))


def test_a_hub_reads_no_codes_and_its_neighbours_may_ask_it(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "hub", "hub", 30)
    box = HubBox(folder, lambda _: None, None, needs_staff=False, reports=False)
    box.start()
    answer = box.scan("GU1:ABC")
    assert answer is not None
    assert answer["event"] == "strange"
    assert box.cannot_record()["event"] == "trouble"
    assert box.terminal.lane.run(lambda: box.answer(HUB, b"nonsense")) is None
    assert AUTHORITY_PATH == "/sync/v1/authority"
    box.stop()


def test_a_tills_folder_is_no_hub(tmp_path: Path) -> None:
    with pytest.raises(WrongRole):
        open_hub(make_folder(tmp_path / "till", "bar"))


@pytest.mark.parametrize(
    "answer, english, french",
    [
        ({"event": "ready", "name": "Hub 1"}, "Hub 1. Type authority", "Hub 1. Tapez authority"),
        ({"event": "done", "fact": "00"}, "The office is the authority", "Le bureau a de nouveau"),
        ({"event": "done"}, "Stopped.", "Arrêté."),
        ({"event": "trouble", "sentence": "No."}, "No.", "No."),
        ({"event": "hashes", "money": "1"}, '{"event": "hashes"', '{"event": "hashes"'),
        (
            {"event": "authority", "mine": True, "lends": False},
            "this hub is the authority and is catching up",
            "ce relais rattrape",
        ),
        (
            {"event": "authority", "mine": False, "lends": False, "name": "", "holder": ""},
            "the office lends",
            "le bureau prête",
        ),
        (
            {
                "event": "report", "now_ms": 1_795_000_000_000, "hub": "Hub 1", "mine": True,
                "lends": True, "tills": 4, "tills_level": 3, "connected": False, "only_here": 8,
            },
            "12:06:40 Hub 1: this hub lends; 3 of 4 tills level; office not connected; 8 facts",
            "12:06:40 Hub 1 : ce relais prête ; 3 caisses sur 4 à jour ; bureau non connecté ; 8",
        ),
    ],
)  # fmt: skip
def test_a_hub_says_in_words_how_it_is(answer: dict[str, Any], english: str, french: str) -> None:
    for language, words in (("en", english), ("fr", french)):
        out = io.BytesIO()
        PlainSpeaker(out, language, "Europe/Paris").say(answer)
        assert out.getvalue().decode().startswith(words)


def test_typed_words_are_commands(tmp_path: Path) -> None:
    typed = tmp_path / "typed"
    typed.write_bytes(b"authority\n\nhand-back\nhand-back GU1:X 123456\nstop\n" + b"x" * 300_000)
    with typed.open("rb") as file:
        lines = list(PlainInput(file.fileno()).lines())
    assert lines == [
        b'{"do": "authority"}',
        b'{"do": "hand_back"}',
        b'{"do": "hand_back", "badge": "GU1:X", "pin": "123456"}',
        b'{"do": "stop"}',
        None,
    ]


def test_a_hubs_process_takes_json_lines(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "hub", "hub", 30)
    hub = open_hub(folder)
    hub.terminal.lane.run(lambda: office_says(hub.terminal, PLACE, *STAFF, number=40))
    hub.close()
    with Child(["edge", "hub", folder, "--headless", "--neighbours", "off"]) as child:
        ready = child.hear()
        assert (ready["event"], ready["role"], ready["authority"]) == ("ready", "hub", False)
        assert child.ask(id=1, do="authority")["tills"] == 1
        assert child.ask(id=2, do="status")["event"] == "status"
        assert set(child.ask(id=3, do="hashes")) >= {"office", "access", "money"}
        assert child.ask(id=4, do="check")["is_well"]
        assert child.ask(id=5, do="hand_back")["event"] == "trouble"
        assert child.ask(id=6, do="stop")["event"] == "done"
        assert child.process.wait(30) == 0


def test_a_hub_on_a_terminal_says_by_itself_how_it_is(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "hub", "hub", 30)
    with Child(["edge", "hub", folder, "--neighbours", "off"]) as child:
        out, into = child.process.stdout, child.process.stdin
        assert out is not None
        assert into is not None
        assert out.readline().decode().startswith("hub. Type authority")
        assert "the office lends; 0 of 0 tills level" in out.readline().decode()
        into.write(b"stop\n")
        into.flush()
        assert child.process.wait(30) == 0
