"""What a stolen file, a log or a printed value tells: nothing that opens anything, and no name."""

import logging
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.accounts.access import Role, Scope
from cloud.accounts.house_key import HOUSE_KEY_FILE, HouseKey, open_house_key
from cloud.accounts.invitations import invite
from cloud.accounts.keys import make_machine
from cloud.accounts.oneself import erase_user, oneself
from cloud.accounts.personal import Erased
from cloud.accounts.registering import register
from cloud.accounts.sealing import NONCE_BYTES, NotOpened, opened, seal
from cloud.accounts.secret_texts import API_KEY, Spelling
from cloud.accounts.signing_in import Attempt, sign_in_page
from cloud.accounts.superadmin import make_link
from cloud.accounts.troubles import Trouble
from cloud.store.accounts import ACCOUNTS_FILE
from cloud.store.accounts_machines import MachineKind
from cloud.store.connection import StoreTrouble
from provisioning.keys import BadKeyFile
from tests.cloud.accounts.people import (
    ADDRESS,
    PASSWORD,
    TestPeople,
    good,
    new,
    open_people,
)


async def _everything(people: TestPeople) -> list[str]:
    """Do what makes secrets and names, and return them all."""
    anna = await people.organiser("anna@example.org")
    accounts, by = people.accounts, anna.principal
    page = good(await sign_in_page(accounts, Attempt("anna@example.org", PASSWORD, ADDRESS)))
    scopes = frozenset(Scope)
    _, key = good(await make_machine(accounts, by, MachineKind.KEY, "k", scopes, None))
    _, client = good(await make_machine(accounts, by, MachineKind.CLIENT, "c", scopes, None))
    _, invitation = good(await invite(accounts, by, Role.AGENT, None))
    link = await make_link(accounts)
    await people.login("anna@example.org", "mistyped password")
    await people.login("nobody@example.org", "mistyped password")
    shown = [anna.access, anna.refresh, page.cookie, key, client, invitation, link]
    return [
        "anna@example.org",
        "nobody@example.org",
        "Ötztal",
        PASSWORD,
        "mistyped password",
        ADDRESS,
        *(text.show() for text in shown),
    ]


def _parts(secret: str) -> list[bytes]:
    """The forms in which a secret could lie in a file."""
    return [secret.encode(), secret.casefold().encode(), secret[3:].encode(), secret[-20:].encode()]


@pytest.mark.one_engine
async def test_a_stolen_file_tells_no_address_name_password_or_secret(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        secrets = await _everything(people)
        content = b"".join(path.read_bytes() for path in tmp_path.glob(f"{ACCOUNTS_FILE}*"))
    content += b"".join(path.read_bytes() for path in tmp_path.glob(f"{ACCOUNTS_FILE}*"))
    assert b"Anna's Fairs" in content, "names of organisers are public"
    found = [secret for secret in secrets if any(part in content for part in _parts(secret))]
    assert found == []
    assert b"$argon2" not in content
    raw = [API_KEY.read(secret) for secret in secrets if secret.startswith("gk_")]
    assert raw[0] is not None
    assert raw[0][2] not in content


async def test_nothing_secret_and_no_name_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        async with open_people(tmp_path) as people:
            secrets = await _everything(people)
    assert caplog.records
    said = "".join(f"{line.getMessage()}{vars(line)}" for line in caplog.records)
    assert [secret for secret in secrets if secret in said] == []


async def test_nothing_secret_and_no_name_is_printed(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        secrets = await _everything(people)
        user = (await people.guest()).principal.user
        assert user is not None
        person = await people.accounts.look(lambda books: books.people.find(user))
        seen = good(await oneself(people.accounts, user))
        attempt = Attempt("anna@example.org", PASSWORD, ADDRESS)
        house_key = (tmp_path / HOUSE_KEY_FILE).read_text().strip()
        said = repr([people.accounts, people.credentials, person, seen, attempt, new("a@b.org")])
        assert [secret for secret in [*secrets, house_key] if secret in said] == []


async def test_whoever_is_erased_leaves_only_an_id(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        anna = await people.organiser()
        carl = await people.member(anna.principal, Role.CASHIER, "carl@example.org")
        user = carl.principal.user
        assert user is not None
        before = await people.accounts.look(lambda books: books.people.find(user))
        assert before is not None
        assert before.sealed_key is not None
        assert await erase_user(people.accounts, user) is None
        assert await erase_user(people.accounts, user) is Trouble.UNKNOWN
        after = await people.accounts.look(lambda books: books.people.find(user))
        assert after is not None
        assert (after.email_mark, after.sealed_key, after.sealed_profile) == (None, None, None)
        assert after.sealed_password is None
        with pytest.raises(Erased):
            people.accounts.personal.profile(after)
        assert await oneself(people.accounts, user) is Trouble.UNKNOWN
        assert await people.login("carl@example.org") is Trouble.WRONG_CREDENTIALS
        assert await people.who(carl.access) == "invalid_credential"
        good(await register(people.accounts, new("carl@example.org"), None))


@pytest.mark.one_engine
async def test_the_key_of_whoever_is_erased_is_overwritten_and_not_only_forgotten(
    tmp_path: Path,
) -> None:
    async with open_people(tmp_path) as people:
        user = (await people.guest()).principal.user
        assert user is not None
        before = await people.accounts.look(lambda books: books.people.find(user))
        assert before is not None
        assert before.sealed_key is not None
        assert await erase_user(people.accounts, user) is None
    assert before.sealed_key not in (tmp_path / ACCOUNTS_FILE).read_bytes()


async def test_a_sealed_name_cannot_be_put_on_another_person(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        one, other = await people.guest("a@example.org"), await people.guest("b@example.org")
        users = (one.principal.user, other.principal.user)
        assert None not in users
        found = await people.accounts.look(
            lambda books: [books.people.find(user) for user in users if user]
        )
        first, second = found
        assert first is not None
        assert second is not None
        mixed = replace(second, user=first.user)
        with pytest.raises(NotOpened):
            people.accounts.personal.profile(mixed)


async def test_accounts_do_not_open_with_another_house_key(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        await people.guest()
    (tmp_path / HOUSE_KEY_FILE).write_text("ab" * 32)
    with pytest.raises(StoreTrouble, match=r"another house\.key"):
        TestPeople(tmp_path)


async def test_a_lost_house_key_is_not_replaced_in_silence(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        await people.guest()
    (tmp_path / HOUSE_KEY_FILE).unlink()
    with pytest.raises(BadKeyFile, match="open only with it"):
        TestPeople(tmp_path)
    assert not (tmp_path / HOUSE_KEY_FILE).exists()


def test_the_house_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "house"
    one = open_house_key(folder, lambda count: bytes(range(count)))
    mode = (folder / HOUSE_KEY_FILE).stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    two = open_house_key(folder, bytes)
    assert one.derive("a") == two.derive("a")
    assert one.derive("a") != one.derive("b")
    assert bytes(range(32)).hex() not in repr(one)


def test_a_house_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    open_house_key(tmp_path, bytes)
    (tmp_path / HOUSE_KEY_FILE).chmod(0o644)
    with pytest.raises(BadKeyFile, match="chmod 600"):
        open_house_key(tmp_path, bytes)


@given(st.text(max_size=20), st.text(max_size=20))
def test_two_labels_never_give_one_key(one: str, other: str) -> None:
    key = HouseKey(bytes(32))
    if one.encode("utf-8", "surrogatepass") != other.encode("utf-8", "surrogatepass"):
        assert key.derive(one) != key.derive(other)


@given(st.binary(max_size=60), st.integers(0, 100), st.integers(0, 7))
def test_a_changed_seal_does_not_open(content: bytes, place: int, bit: int) -> None:
    sealed = bytearray(seal(content, bytes(32), "profile 1", bytes(NONCE_BYTES)))
    assert opened(bytes(sealed), bytes(32), "profile 1") == content
    sealed[place % len(sealed)] ^= 1 << bit
    with pytest.raises(NotOpened):
        opened(bytes(sealed), bytes(32), "profile 1")


@given(st.binary(max_size=50))
def test_what_was_never_sealed_does_not_open(sealed: bytes) -> None:
    with pytest.raises(NotOpened):
        opened(sealed, bytes(32), "profile 1")


@given(st.binary(min_size=8, max_size=8), st.binary(min_size=16, max_size=16), st.text(max_size=3))
def test_a_credential_is_read_in_one_spelling_only(one: bytes, other: bytes, more: str) -> None:
    spelling = Spelling("gc_", 8, 16)
    text = spelling.spell(one, other).show()
    assert spelling.read(text) == (one, other)
    if more:
        assert spelling.read(text + more) is None
        assert spelling.read(more + text) is None
    assert spelling.read(text[:-1]) is None


@given(st.text(max_size=80))
def test_no_text_breaks_the_reading_of_credentials(text: str) -> None:
    assert API_KEY.read(f"gk_{text}") is None


async def test_a_disk_that_fails_ends_the_process(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        people.accounts.store._connection.execute("DROP TABLE organiser")
        with pytest.raises(StoreTrouble):
            await people.organiser()
        assert people.broken == 1
