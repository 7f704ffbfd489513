"""The box's side of an enrolment: asks the office, believes nothing unproved, fills the folder.

A dropped answer is no loss: the key is kept, and the office gives the same box the same
certificate again while the code lives. This is one of the two doorways to `requests`.
"""

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import requests

from provisioning.enrolment import (
    EnrolmentCode,
    EnrolmentRefusal,
    answer_holds,
    proof_key_of,
    prove,
    read_code,
)
from provisioning.enrolment_messages import (
    ANSWER_BYTES_MAX,
    OFFICE_PATH,
    SEAL_HEADER,
    TERMINAL_PATH,
    Question,
    json_object,
    raw_of,
    read_offer,
    read_refusal,
)
from provisioning.manifest import BadManifest, Manifest, load, manifest_of
from provisioning.terminal_folder import (
    finish,
    forget,
    install,
    is_cut,
    is_enrolled,
    is_finished,
    is_staged,
    staged_key,
    staging,
)
from sync.certificates import Certificate, Subject, read_certificate
from sync.keys import PublicKey, SecretKey

TIMEOUT_S: Final = 10
WAITS_MS: Final = (500, 1_000, 2_000, 4_000)
RETRY_AFTER_S_MAX: Final = 30
_TOO_MANY: Final = 429
_SERVER_TROUBLE: Final = 500
_GOOD: Final = 200
_PLACE: Final = re.compile(r"(/[A-Za-z0-9._~-]{1,64}){0,8}")


@dataclass(frozen=True, slots=True)
class NotEnrolled:
    """The office or the box refused; the folder is as it was. `sentence` says what to do."""

    sentence: str


class OfficeUnreachable(Exception):
    """The office did not answer; the same command may be given again with the same code."""


@dataclass(frozen=True, slots=True)
class _Office:
    """An office whose festival key matches the code."""

    festival: int
    festival_key: PublicKey
    certificate: Certificate


def wait_ms(duration_ms: int) -> None:
    """Wait for some milliseconds."""
    threading.Event().wait(duration_ms / 1000)


def office_address(text: str) -> str | None:
    """Return the office's address without a slash at its end, or None if the text is none.

    It may have a path: where a house has several festivals each is at a place of its own.
    """
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        return None
    path = parts.path.rstrip("/")
    if not _PLACE.fullmatch(path) or parts.query or parts.fragment:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{port}" if port is not None else "") + path


def enrol(
    folder: Path,
    office: str,
    code_text: str,
    draw: Callable[[int], bytes],
    *,
    again: bool = False,
    wait: Callable[[int], None] = wait_ms,
) -> Manifest | NotEnrolled:
    """Enrol the box whose folder this is; return its manifest, or why it was refused.

    `draw` gives random bytes, `wait` waits some milliseconds between tries. Raises
    `OfficeUnreachable`, `FolderBusy`, `BadManifest` or `OSError` when the world is in the way.
    """
    address, code = office_address(office), read_code(code_text)
    if address is None:
        return NotEnrolled(f"{office!r} is no office's address: it looks like http://HOST:PORT")
    if code is None:
        return NotEnrolled("This is no enrolment code: it has 20 letters and digits, without U.")
    if is_enrolled(folder) and not again and not is_cut(folder):
        return NotEnrolled(_already(folder))
    with staging(folder) as place:
        if is_staged(place):
            return install(folder, place)
        if is_finished(folder):
            return finish(folder, place)
        key, is_new = staged_key(place, draw)
        with requests.Session() as session:
            # A box talks to its office and to nobody else, whatever proxy the environment names.
            session.trust_env = False
            result = _ask(_Line(session, address, wait), code, key)
        if not isinstance(result, NotEnrolled):
            return install(folder, place, result)
        if is_new:
            forget(folder, place)
        return result


def _already(folder: Path) -> str:
    """Say what the folder holds and how to replace it."""
    try:
        manifest = load(folder)
        what = f"is enrolled already, as the {manifest.role} {manifest.name!r}"
    except BadManifest:
        what = "holds a damaged manifest"
    return f"{folder} {what}. To enrol it anew and keep the old files beside it, add --again"


@dataclass(frozen=True, slots=True)
class _Line:
    """The way to one office."""

    session: requests.Session
    address: str
    wait: Callable[[int], None]

    def ask(self, method: str, path: str, body: bytes | None) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body; `OfficeUnreachable` after several tries."""
        trouble = ""
        for pause_ms in (*WAITS_MS, 0):
            asked_ms = 0
            try:
                status, headers, content = self._once(method, path, body)
            except requests.RequestException as error:
                trouble = type(error).__name__
            else:
                if _is_final(status, content):
                    return status, headers, content
                trouble = f"it answers with {status}"
                asked_ms = _retry_after_ms(headers)
            if pause_ms:
                self.wait(max(pause_ms, asked_ms))
        message = (
            f"the office at {self.address} cannot be reached ({trouble})."
            " Look at the line and give the same command again: the code still counts."
        )
        raise OfficeUnreachable(message)

    def _once(
        self, method: str, path: str, body: bytes | None
    ) -> tuple[int, dict[str, str], bytes]:
        with self.session.request(
            method,
            self.address + path,
            data=body,
            headers={"Content-Type": "application/json", "Accept": "application/json"},
            timeout=TIMEOUT_S,
            allow_redirects=False,
            stream=True,
        ) as answer:
            content = b""
            for piece in answer.iter_content(4096):
                content += piece
                if len(content) > ANSWER_BYTES_MAX:
                    break
            headers = {name.lower(): value for name, value in answer.headers.items()}
            return answer.status_code, headers, content


def _ask(line: _Line, code: EnrolmentCode, key: SecretKey) -> Manifest | NotEnrolled:
    """Check the office, prove the code, check the answer."""
    _, _, content = line.ask("GET", OFFICE_PATH, None)
    office = _office_of(content, code)
    if isinstance(office, NotEnrolled):
        return office
    proof = prove(proof_key_of(code, office.festival_key), office.festival_key, key.public)
    question = Question(key.public, code.selector, proof)
    status, headers, body = line.ask("POST", TERMINAL_PATH, question.spell())
    if status != _GOOD:
        reason = read_refusal(body)
        return NotEnrolled(
            f"The office at {line.address} gave an answer that means nothing here ({status})."
            if reason is None
            else reason.sentence
        )
    seal = raw_of(headers.get(SEAL_HEADER.lower(), ""))
    if not answer_holds(office.certificate.key, proof, body, seal):
        return NotEnrolled(_FALSE)
    return _manifest_of(body, line.address, office, key)


_FALSE: Final = (
    "Refused: the answer was not sealed by the festival's office. Somebody may stand in between."
)
_OTHER_KEY: Final = (
    "Refused: this is not the office that made the code; its festival key is another. Check the"
    " address and the code's last ten characters."
)


def _office_of(content: bytes, code: EnrolmentCode) -> _Office | NotEnrolled:
    """Return the office if it shows the code's festival key and is certified by that key."""
    offer = read_offer(content)
    if offer is None:
        return NotEnrolled("No Guichet office answers at this address.")
    if not code.is_for(offer.festival_key):
        return NotEnrolled(_OTHER_KEY)
    office = read_certificate(offer.certificate, offer.festival_key, offer.festival)
    if office is None or office.subject is not Subject.OFFICE:
        return NotEnrolled(_OTHER_KEY)
    return _Office(offer.festival, offer.festival_key, office)


def _manifest_of(
    body: bytes, address: str, office: _Office, key: SecretKey
) -> Manifest | NotEnrolled:
    """Return the manifest if the sealed answer gives this very box a place in this festival."""
    row = json_object(body) | {"office": address}
    try:
        manifest = manifest_of(json.dumps(row).encode(), "the office's answer")
        certificate = manifest.certificate
    except BadManifest as trouble:
        return NotEnrolled(f"The office's answer is not usable: {trouble}")
    if (
        manifest.festival != office.festival
        or manifest.festival_public_key != office.festival_key
        or certificate.key != key.public
        or certificate.holder != manifest.terminal_id
        or certificate.role != manifest.writer_role
    ):
        return NotEnrolled("Refused: the office certified something else than this box.")
    return manifest


def _is_final(status: int, content: bytes) -> bool:
    """Tell whether asking again soon would bring nothing else."""
    busy = status == _TOO_MANY and read_refusal(content) is not EnrolmentRefusal.TOO_OFTEN
    return not busy and status < _SERVER_TROUBLE


def _retry_after_ms(headers: dict[str, str]) -> int:
    """Return how long the office asks to wait, within what a person at a box would wait."""
    text = headers.get("retry-after", "")
    seconds = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0  # noqa: PLR2004
    return 1000 * min(seconds, RETRY_AFTER_S_MAX)
