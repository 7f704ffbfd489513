import asyncio
import json
import signal
import stat
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest

from cloud.__main__ import commands
from cloud.settings import open_office, read_admin_key
from cloud.store.look import look
from sync import catalogue
from sync.accounts import wallet_balance
from sync.codes import CodeKind, Ticket, open_code
from sync.facts import Right
from sync.keys import PublicKey, is_pin, pin_fits
from sync.names import Role
from tests.cloud.box import Box
from tests.cloud.engines import current
from tests.cloud.facts import topped_up

CHECKOUT = Path(__file__).resolve().parents[2]
PRIVATE = 0o600


def run(*words: str | Path, check: bool = True, text: str = "") -> subprocess.CompletedProcess[str]:
    """Run one office command as the start script does."""
    if words[:1] == ("init",):
        words = (*words, *current().words())
    done = subprocess.run(
        [sys.executable, "-m", "cloud", *map(str, words)],
        cwd=CHECKOUT,
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert not check or done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "office"
    run("init", place, "--festival", "7", "--name", "Été", "--time-zone", "Europe/Paris")
    return place


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Run the office's process; it must end in order."""
    with subprocess.Popen(
        [sys.executable, "-m", "cloud", "serve", str(folder), "--json"],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        try:
            assert child.stdout is not None
            yield json.loads(child.stdout.readline())["url"]
        finally:
            child.send_signal(signal.SIGTERM)
            _, errors = child.communicate(timeout=30)
        assert child.returncode == 0, errors
        assert "Traceback" not in errors
        assert read_admin_key(folder).text not in errors


def zone_name(folder: Path, number: int) -> str | None:
    with look(folder, open_office(folder).festival) as seen:
        zone = catalogue.zone(seen.cells, number)
        return None if zone is None else zone.name


def test_the_authority_is_shown_and_moves_to_hubs_alone(folder: Path) -> None:
    shown = "The authority for wallets is the office, by hand-over 0.\n"
    assert run("authority", folder).stdout == shown
    found = json.loads(run("authority", folder, "--json").stdout)
    assert found == {"holder": "", "name": "the office", "version": 0, "revoked": False}
    for words, why in (
        (["--take-back"], "the office is the authority already"),
        (["--hand-to", "Hub 1"], "no terminal is called 'Hub 1'"),
        (["--hand-to", "Hub 1", "--take-back"], "either --hand-to or --take-back"),
    ):
        done = run("authority", folder, *words, check=False)
        assert done.returncode != 0
        assert why in done.stderr


def test_a_new_office_is_complete_private_and_knows_its_issuing_key(folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {PRIVATE}
    office = open_office(folder)
    assert (office.settings.name, office.festival) == ("Été", 7)
    with look(folder, office.festival) as seen:
        assert list(catalogue.issuing_keys(seen.cells)) == [1]


def test_an_office_is_never_made_over_another(folder: Path) -> None:
    before = (folder / "office.key").read_bytes()
    done = run("init", folder, "--festival", "8", "--name", "Other", check=False)
    assert (done.returncode, "already" in done.stderr) == (1, True)
    assert (folder / "office.key").read_bytes() == before


def test_the_office_runs_without_the_festival_key(folder: Path) -> None:
    (folder / "festival.key").unlink()
    run("zone", folder, "--zone", "1", "--name", "Field")
    assert zone_name(folder, 1) == "Field"


def test_commands_state_alone_and_through_the_office_that_runs(folder: Path) -> None:
    run("zone", folder, "--zone", "1", "--name", "Field", "--capacity", "500")
    with serving(folder) as url:
        address = folder / "office.address"
        assert address.read_text().strip() == url
        assert stat.S_IMODE(address.stat().st_mode) == PRIVATE
        run("zone", folder, "--zone", "1", "--name", "Meadow")
        run("type", folder, "--type", "1", "--name", "Day", "--no-reentry", "--zones", "1,2")
        run("product", folder, "--product", "1", "--name", "Pint", "--price", "5.00")
        run("policy", folder, "--set", "alone_limit=20.50", "--set", "till_cap=none")
        run("status", folder, "--serial", "5", "--serial", "6", "--set", "cancelled")
        key = read_admin_key(folder).text
        request = urllib.request.Request(  # noqa: S310 - our own office on loopback
            f"{url}/api/v1/summary", headers={"Authorization": f"Bearer {key}"}
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - as above
            found = json.load(answer)
        assert found["zones"][0]["name"] == "Meadow"
        assert found["zones"][0]["capacity"] == 500
    assert not address.exists()
    with look(folder, open_office(folder).festival) as seen:
        policy, kind = catalogue.policy(seen.cells), catalogue.ticket_type(seen.cells, 1)
        product = catalogue.product(seen.cells, 1)
    assert kind is not None
    assert product is not None
    assert (kind.zones, kind.allow_reentry, product.price) == ((1, 2), False, 500)
    assert (policy.alone_limit, policy.till_cap) == (2_050, -1)


def test_many_statements_come_in_one_file_or_not_at_all(folder: Path) -> None:
    lines = [json.dumps({"kind": "product", "product": n, "price": n}) for n in range(1, 60)]
    done = run("say", folder, "-", text="\n".join(lines))
    assert "stated 59" in done.stderr
    bad = run("say", folder, "-", text=f'{lines[0]}\n{{"kind": "zone"}}\n', check=False)
    assert (bad.returncode, "zone must be given" in bad.stderr) == (1, True)
    with look(folder, open_office(folder).festival) as seen:
        first = catalogue.product(seen.cells, 1)
    assert first is not None
    assert first.version == 1


def test_codes_are_issued_with_random_serials_and_open_with_the_stated_key(folder: Path) -> None:
    done = run("issue", folder, "--kind", "wristband", "--type", "3", "--count", "40")
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    assert len({serial for serial, _ in lines}) == 40
    with look(folder, open_office(folder).festival) as seen:
        keys: dict[int, PublicKey] = catalogue.issuing_keys(seen.cells)
    for serial, text in lines:
        ticket = open_code(text, keys, 7)
        assert isinstance(ticket, Ticket)
        assert (ticket.kind, ticket.serial, ticket.type) == (
            CodeKind.WRISTBAND,
            int(serial),
            3,
        )


def test_keys_are_added_and_retired(folder: Path) -> None:
    run("key", folder, "--new", "2")
    done = run("issue", folder, "--kind", "ticket")
    run("key", folder, "--retire", "1")
    with look(folder, open_office(folder).festival) as seen:
        keys = catalogue.issuing_keys(seen.cells)
    assert list(keys) == [2]
    ticket = open_code(done.stdout.strip().split("\t")[1], keys, 7)
    assert isinstance(ticket, Ticket)
    assert ticket.key_id == 2


def test_a_code_for_a_box_is_given_while_the_office_runs(folder: Path) -> None:
    with serving(folder):
        row = json.loads(
            run("terminal-code", folder, "--role", "bar", "--name", "Main", "--json").stdout
        )
    assert (row["role"], row["name"], len(row["code"])) == ("bar", "Main", 23)


@pytest.mark.one_engine
def test_a_second_office_in_a_folder_is_refused(folder: Path) -> None:
    with serving(folder):
        done = run("serve", folder, check=False)
        assert (done.returncode, "in use" in done.stderr) == (1, True)


@pytest.mark.one_engine
@pytest.mark.parametrize(
    "words,status",
    [
        (["zone", "OFFICE", "--zone", "x"], 2),
        (["zone", "OFFICE"], 2),
        (["product", "OFFICE", "--product", "1", "--price", "1.005"], 2),
        (["policy", "OFFICE"], 2),
        (["policy", "OFFICE", "--set", "alone=5"], 2),
        (["policy", "OFFICE", "--set", "alone_limit=-50.00"], 1),
        (["status", "OFFICE", "--serial", "1", "--set", "replaced"], 1),
        (["gate", "OFFICE", "--terminal", "North"], 1),
        (["revoke", "OFFICE", "--terminal", "North"], 1),
        (["issue", "OFFICE", "--kind", "ticket", "--key-id", "9"], 1),
        (["key", "OFFICE", "--new", "1"], 1),
        (["key", "OFFICE"], 2),
        (["zone", "NOWHERE", "--zone", "1"], 1),
        (["serve", "NOWHERE"], 1),
        (["say", "OFFICE", "NOWHERE"], 2),
        (["terminal-code", "OFFICE", "--role", "door", "--name", "x"], 2),
        (["dance"], 2),
        ([], 2),
    ],
)
def test_wrong_words_end_with_one_sentence(folder: Path, words: list[str], status: int) -> None:
    places = {"OFFICE": str(folder), "NOWHERE": str(folder / "nowhere")}
    done = run(*(places.get(word, word) for word in words), check=False)
    assert done.returncode == status, done.stderr
    assert done.stderr


@pytest.mark.parametrize("damage", ["{", "[]", '{"festival": 7}', ""])
def test_a_damaged_folder_says_what_is_wrong(folder: Path, damage: str) -> None:
    (folder / "festival.json").write_text(damage)
    done = run("zone", folder, "--zone", "1", check=False)
    assert (done.returncode, "damaged" in done.stderr) == (1, True)


def test_keys_that_others_can_read_are_refused(folder: Path) -> None:
    (folder / "office.key").chmod(0o644)
    done = run("zone", folder, "--zone", "1", check=False)
    assert (done.returncode, "chmod 600" in done.stderr) == (1, True)
    (folder / "office.key").chmod(PRIVATE)
    (folder / "admin.key").chmod(0o640)
    done = run("serve", folder, check=False)
    assert (done.returncode, "chmod 600" in done.stderr) == (1, True)


def test_the_key_of_another_office_is_refused(folder: Path, tmp_path: Path) -> None:
    run("init", tmp_path / "other", "--festival", "7", "--name", "Other")
    (tmp_path / "other" / "office.key").replace(folder / "office.key")
    done = run("zone", folder, "--zone", "1", check=False)
    assert (done.returncode, "not the key that it certifies" in done.stderr) == (1, True)


@pytest.mark.parametrize("name", sorted(commands.commands))
def test_every_command_explains_itself_with_an_example(name: str) -> None:
    done = run(name, "--help")
    assert "Example" in done.stdout
    assert f"./guichet cloud {name}" in done.stdout


async def test_what_the_office_answered_survives_its_being_killed(folder: Path) -> None:
    """Kill the office without warning; a box that heard an answer may trust it."""
    opened = open_office(folder)
    box = Box(7, opened.festival_key, opened.certificate, opened.key, Role.BAR, "Main", seed=4)
    for wave in range(4):
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "cloud", "serve", str(folder), "--json"),
            cwd=CHECKOUT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert child.stdout is not None
        url = json.loads(await child.stdout.readline())["url"]
        box.nonce = ""
        async with aiohttp.ClientSession() as session:
            for n in range(5):
                box.say(topped_up(9, 100, 10 * wave + n))
                await box.level(session, url)
        child.kill()
        await child.wait()
        with look(folder, opened.festival) as seen:
            assert wallet_balance(seen.cells, 9) == 500 * (wave + 1)
            assert seen.held()[box.terminal] == 5 * (wave + 1) + 1


def test_a_member_of_staff_gets_a_badge_and_a_pin_that_nobody_keeps(folder: Path) -> None:
    told = run("staff", folder, "--call-sign", "N1", "--rights", "agent,supervisor").stdout
    said = dict(line.split("\t") for line in told.splitlines())
    assert is_pin(said["pin"])
    with look(folder, open_office(folder).festival) as seen:
        found = catalogue.staff(seen.cells, int(said["badge"]))
        keys = catalogue.issuing_keys(seen.cells)
    assert found is not None
    assert found.pin is not None
    assert (found.label, found.rights) == ("N1", Right.AGENT | Right.SUPERVISOR)
    assert pin_fits(said["pin"], found.pin)
    badge = open_code(said["code"], keys, 7)
    assert isinstance(badge, Ticket)
    assert (badge.kind, badge.serial) == (CodeKind.STAFF_BADGE, found.badge)
    stored = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert said["pin"].encode() not in stored


def test_a_pin_may_be_chosen_and_rights_taken_away(folder: Path) -> None:
    new = ("staff", folder, "--call-sign", "N2", "--rights", "agent", "--pin-from-input")
    assert run(*new, check=False, text="12345\n").returncode == 2
    said = dict(line.split("\t") for line in run(*new, text="271828\n").stdout.splitlines())
    assert set(said) == {"badge", "code"}
    run("staff", folder, "--badge", said["badge"], "--rights", "none")
    with look(folder, open_office(folder).festival) as seen:
        found = catalogue.staff(seen.cells, int(said["badge"]))
    assert found is not None
    assert (found.label, found.rights, found.version) == ("N2", 0, 2)
    assert found.pin is not None
    assert pin_fits("271828", found.pin)


@pytest.mark.parametrize("words", [("--rights", "agent"), ("--badge", "5"), ("--rights", "boss")])
def test_staff_without_what_is_needed_is_refused(folder: Path, words: tuple[str, ...]) -> None:
    done = run("staff", folder, *words, check=False)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()[-1]) > 20
