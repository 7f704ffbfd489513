"""`./guichet code issue` and `code verify`, run as the start script runs them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from provisioning.cli_code import verdict
from sync.codec import encode
from sync.codes import CodeKind, Ticket, base45, issue, unbase45
from sync.keys import CODE_PURPOSE, PublicKey, SecretKey
from sync.limits import CODE_PREFIX

CHECKOUT = Path(__file__).resolve().parents[2]
SEED = bytes([0x11]) * 32
KEY = SecretKey(SEED)
KEYS = {1: KEY.public}
TICKET = Ticket(CodeKind.TICKET, 1, 7, 2**63 + 5, 3, 1_000, 2_000, 9)
FIELDS = ("kind", "key_id", "festival", "serial", "type", "valid_from", "valid_until", "flags")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "provisioning", "code", *arguments],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    seed, keys = tmp_path / "SEED.hex", tmp_path / "KEYS.json"
    seed.write_text(SEED.hex() + "\n")
    seed.chmod(0o600)
    keys.write_text(json.dumps({"1": KEY.public.raw.hex()}))
    return str(seed), str(keys)


def test_an_issued_code_is_verified_with_all_its_fields(files: tuple[str, str]) -> None:
    seed, keys = files
    made = run(
        *("issue", "--key", seed, "--key-id", "1", "--festival", "7"),
        *("--serial", str(2**63 + 5), "--type", "3", "--kind", "1"),
        *("--valid-from", "1000", "--valid-until", "2000", "--flags", "9"),
    )
    assert (made.returncode, made.stderr) == (0, "")
    assert made.stdout == issue(TICKET, KEY) + "\n"
    text = made.stdout.strip()
    done = run("verify", text, "--keys", keys, "--festival", "7", "--at", "1500", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout) == {
        "ok": True,
        "reason": None,
        "kind": 1,
        "key_id": 1,
        "festival": 7,
        "serial": 2**63 + 5,
        "type": 3,
        "valid_from": 1000,
        "valid_until": 2000,
        "flags": 9,
    }
    late = run("verify", text, "--keys", keys, "--festival", "7", "--at", "2001", "--json")
    assert late.returncode == 1
    assert json.loads(late.stdout)["reason"] == "too_late"


def test_a_refused_code_exits_with_one_and_its_reason(files: tuple[str, str]) -> None:
    done = run("verify", "-garbage", "--keys", files[1], "--festival", "7", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout) == {"ok": False, "reason": "not_a_code"} | dict.fromkeys(FIELDS)
    spoken = run("verify", issue(TICKET, KEY), "--keys", files[1], "--festival", "8")
    assert (spoken.returncode, spoken.stdout) == (1, "refused: wrong_festival\n")


@pytest.mark.parametrize(
    "command",
    [
        "issue --key-id 1",
        "issue --key {seed} --key-id 256 --festival 7 --serial 1 --type 1",
        "issue --key {seed} --key-id 1 --festival 7 --serial 1 --type 1 --kind 5",
        "issue --key {seed} --key-id 1 --festival 7 --serial 18446744073709551616 --type 1",
        "issue --key {keys} --key-id 1 --festival 7 --serial 1 --type 1",
        "issue --key nowhere --key-id 1 --festival 7 --serial 1 --type 1",
        "verify GU1: --keys {seed} --festival 7",
        "verify GU1: --keys nowhere --festival 7",
        "verify GU1: --keys {keys} --festival -7",
        "verify GU1: --keys {keys} --festival 7 --at now",
        "verify --keys {keys} --festival 7",
        "melt",
    ],
)
def test_bad_arguments_are_one_sentence_and_exit_two(files: tuple[str, str], command: str) -> None:
    done = run(*(one.format(seed=files[0], keys=files[1]) for one in command.split()))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("guichet: ")
    assert done.stderr.count("\n") == 1
    assert SEED.hex() not in done.stderr


@pytest.mark.parametrize(
    "content",
    ["", "[]", "7", '{"1": "00"}', '{"256": "%s"}', '{"01": "%s"}', '{"x": "%s"}', "[" * 9999],
)
def test_a_keys_file_of_another_shape_is_one_sentence(tmp_path: Path, content: str) -> None:
    path = tmp_path / "KEYS.json"
    path.write_text(content.replace("%s", KEY.public.raw.hex()))
    done = run("verify", "GU1:", "--keys", str(path), "--festival", "7")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_a_key_that_others_can_read_still_issues_but_is_spoken_of(files: tuple[str, str]) -> None:
    Path(files[0]).chmod(0o644)
    done = run(
        *("issue", "--key", files[0], "--key-id", "1", "--festival", "7"),
        *("--serial", "1", "--type", "1"),
    )
    assert done.returncode == 0
    assert "chmod 600" in done.stderr


def judged(text: str, at: int | None = None, festival: int = 7, **more: Any) -> str | None:
    keys: dict[int, PublicKey] = more.get("keys", KEYS)
    reason = verdict(text, keys, festival, at)["reason"]
    return None if reason is None else str(reason)


@pytest.mark.parametrize(
    "at,reason",
    [(None, None), (999, "too_early"), (1_000, None), (2_000, None), (2_001, "too_late")],
)
def test_time_is_judged_only_when_it_is_given(at: int | None, reason: str | None) -> None:
    assert judged(issue(TICKET, KEY), at) == reason


def test_an_open_end_never_comes_too_late() -> None:
    ticket = Ticket(CodeKind.VOUCHER, 1, 7, 1, 3, 0, 0, 0)
    assert judged(issue(ticket, KEY), 2**32 - 1) is None


def test_every_flipped_bit_of_a_code_is_refused_with_a_name() -> None:
    content = unbase45(issue(TICKET, KEY)[len(CODE_PREFIX) :])
    assert content is not None
    reasons = set()
    for bit in range(8 * len(content)):
        changed = bytearray(content)
        changed[bit // 8] ^= 1 << bit % 8
        reasons.add(judged(CODE_PREFIX + base45(bytes(changed))))
    assert reasons == {"unknown_format", "unknown_key", "bad_signature"}


def test_every_truncated_or_lengthened_code_is_refused_with_a_name() -> None:
    text = issue(TICKET, KEY)
    reasons = {judged(text[:length]) for length in range(len(text))}
    assert reasons <= {"not_a_code", "unknown_format", "bad_signature", "unknown_key"}
    assert judged(text + "0" * 200) == "not_a_code"
    assert judged(text + "00") in {"bad_signature", "not_a_code", "unknown_format"}


@pytest.mark.parametrize(
    "text",
    ["", " ", "GU1:", "GU2:ABC", "gu1:abc", "GU1:é", "GU1:::::::", "http://example.org", "\udc80"],
)
def test_a_foreign_text_is_not_a_code(text: str) -> None:
    assert judged(text) == "not_a_code"


def test_a_future_kind_or_a_longer_array_is_an_unknown_format() -> None:
    for row in ([5, 1, 7, 1, 3, 0, 0, 0], [1, 1, 7, 1, 3, 0, 0, 0, 0], [0, 1, 7, 1, 3, 0, 0, 0]):
        payload = encode(row)
        text = CODE_PREFIX + base45(payload + KEY.sign(CODE_PURPOSE, payload))
        assert judged(text) == "unknown_format"


def test_a_code_of_an_unknown_key_or_another_festival_is_named() -> None:
    text = issue(TICKET, KEY)
    assert judged(text, keys={2: KEY.public}) == "unknown_key"
    assert judged(text, keys={1: SecretKey(bytes(32)).public}) == "bad_signature"
    assert judged(text, festival=8) == "wrong_festival"
