"""Runs the office: opens the folder, answers on an address, and ends without dropping anything."""

import asyncio
import json
import logging
import signal
import sys
from pathlib import Path
from typing import Final

from aiohttp import web

from cloud.app import make_app
from cloud.clock_and_chance import boot_id, moment, now_ms, now_s, random_bytes
from cloud.desk import Desk
from cloud.limits import DRAIN_S
from cloud.middleware import LOG, JsonLines
from cloud.office import Office
from cloud.settings import ADDRESS_FILE, AdminKey, OfficeFolder, open_office, read_admin_key
from cloud.store.enrolment_codes import EnrolmentCodes
from cloud.terminals.service import Enrolment
from cloud.writer import OfficeWriter
from provisioning.files import write_private
from provisioning.request_signing import NonceMint

BROKEN_EXIT_CODE: Final = 74
_MINT_LABEL: Final = b"guichet-office-nonces-v1\0"
_STORE_FAILED: Final = "the store failed"


def serve(folder: Path, host: str, port: int, *, as_json: bool, verbose: bool) -> int:
    """Serve the folder until SIGINT or SIGTERM; return the exit status.

    The first line on stdout says where: one JSON object, or a sentence with the page's link.
    """
    _log_to_stderr(verbose=verbose)
    opened = open_office(folder)
    admin_key = read_admin_key(folder)
    office = Office(opened, moment, random_bytes, boot_id())
    try:
        return asyncio.run(_serve(office, admin_key, host, port, as_json=as_json))
    finally:
        office.close()


async def _serve(
    office: Office, admin_key: AdminKey, host: str, port: int, *, as_json: bool
) -> int:
    ended, why = asyncio.Event(), ""

    def end(reason: str) -> None:
        nonlocal why
        why = why or reason
        ended.set()

    folder = office.folder
    writer = OfficeWriter(office, lambda: end(_STORE_FAILED))
    desk = Desk(folder, writer, admin_key, mint_of(folder), now_ms)
    codes = EnrolmentCodes(folder.path, folder.festival)
    app = make_app(desk, Enrolment(codes, desk, now_s))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=DRAIN_S)
    await runner.setup()
    address = folder.path / ADDRESS_FILE
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        await writer.do(_begin)
        url = f"http://{_host_in_url(host)}:{runner.addresses[0][1]}"
        write_private(address, f"{url}\n".encode())
        _announce(url, admin_key, host, as_json=as_json)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, end, number.name)
        await ended.wait()
        LOG.info("ending", extra={"row": {"why": why}})
    finally:
        address.unlink(missing_ok=True)
        await runner.cleanup()
    return BROKEN_EXIT_CODE if why == _STORE_FAILED else 0


def mint_of(folder: OfficeFolder) -> NonceMint:
    """Return what gives this office's nonces: every process of it takes those of the others."""
    return NonceMint(folder.key.secret_for(_MINT_LABEL))


def _begin(office: Office) -> None:
    """Open this process's run and lend what gates lack, before anybody is answered."""
    office.say()
    office.lend()


def _announce(url: str, admin_key: AdminKey, host: str, *, as_json: bool) -> None:
    LOG.info("serving", extra={"row": {"url": url}})
    if as_json:
        line = json.dumps({"url": url})
    else:
        line = (
            f"The office answers at {url}\n"
            f"The live page: {url}/?key={admin_key.text}\n"
            "Whoever has this link sees the festival's figures. End with Ctrl-C."
        )
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
    if host not in {"127.0.0.1", "::1", "localhost"}:
        LOG.warning(
            "The page is not encrypted: beyond a trusted network, put a TLS proxy in front."
        )


def _host_in_url(host: str) -> str:
    """Return the host as it stands in an address; every address is named as this machine."""
    if host in {"0.0.0.0", ""}:  # noqa: S104 - compared, not listened on
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _log_to_stderr(*, verbose: bool) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    for log in (LOG, logging.getLogger("aiohttp")):
        log.handlers = [handler]
        log.propagate = False
    LOG.setLevel(logging.DEBUG if verbose else logging.INFO)
