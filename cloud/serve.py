"""Runs the office: opens the folder, answers on an address, and ends without dropping anything."""

import asyncio
import gc
import json
import logging
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import web

from cloud.accounts.asking import ACCOUNTS
from cloud.accounts.front import Front
from cloud.accounts.house_key import FIGURES_LABEL
from cloud.accounts.secret_texts import SecretText
from cloud.accounts.service import house_key_of, open_service
from cloud.accounts.superadmin import first_link, link_of
from cloud.app import make_house_app
from cloud.clock_and_chance import monotonic_ms, now_ms, random_bytes
from cloud.forwarding import PROXIES
from cloud.house import House, open_festivals
from cloud.limits import DRAIN_S, GARBAGE_OBJECTS_MAX, THREADS_SWITCH_S
from cloud.metrics import Metrics
from cloud.middleware import LOG, JsonLines
from cloud.settings import BadOffice, is_house
from cloud.store.connection import HOUSE_LOCK_FILE, OfficeLock
from cloud.store.database import database_of
from cloud.verifier import Verifier

BROKEN_EXIT_CODE: Final = 74
OURS: Final = "guichet"
"""The name under which all of us log, each by a name below it."""

_STORE_FAILED: Final = "the store failed"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an office answers, and the addresses of the proxies that take TLS off before it."""

    host: str
    port: int
    proxies: frozenset[str] = frozenset()


def serve(folder: Path, place: Place, *, as_json: bool, verbose: bool) -> int:
    """Serve the folder's festivals until SIGINT or SIGTERM; return the exit status.

    The first line on stdout says where: one JSON object, or sentences with the links.
    """
    _log_to_stderr(verbose=verbose)
    tune()
    if not is_house(folder):
        message = f"{folder} is not an office's folder. Make one: ./guichet cloud init {folder}"
        raise BadOffice(message)
    if database_of(folder).is_shared:
        return asyncio.run(_serve(folder, place, as_json=as_json))
    lock = OfficeLock(folder, HOUSE_LOCK_FILE)
    try:
        return asyncio.run(_serve(folder, place, as_json=as_json))
    finally:
        lock.release()


def tune() -> None:
    """Let threads take turns quickly, and look for garbage in rings seldom: the office makes none.

    Both hold for the whole process.
    """
    sys.setswitchinterval(THREADS_SWITCH_S)
    gc.set_threshold(GARBAGE_OBJECTS_MAX, *gc.get_threshold()[1:])


async def _serve(folder: Path, place: Place, *, as_json: bool) -> int:
    ended, why = asyncio.Event(), ""

    def end(reason: str) -> None:
        nonlocal why
        why = why or reason
        ended.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):  # from here on it ends in order
        loop.add_signal_handler(number, end, number.name)
    accounts = open_service(folder, now_ms, random_bytes, lambda: end(_STORE_FAILED))
    accounts.start()
    verifier = Verifier()
    verifier.start()
    house = House(
        folder,
        Front(accounts, monotonic_ms, is_secure=bool(place.proxies)),
        lambda: end(_STORE_FAILED),
        verifier,
    )
    metrics = Metrics(house_key_of(folder, random_bytes).derive(FIGURES_LABEL).hex())
    app = make_house_app(house, metrics)
    app[ACCOUNTS] = accounts
    app[PROXIES] = place.proxies
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=DRAIN_S)
    await runner.setup()
    is_shared = database_of(folder).is_shared
    keeping_up = asyncio.create_task(house.keep_up()) if is_shared else None
    try:
        await open_festivals(house, accounts)
        site = web.TCPSite(runner, place.host, place.port)
        await site.start()
        url = f"http://{_host_in_url(place.host)}:{runner.addresses[0][1]}"
        house.tell_address(url)
        _announce(url, house, await first_link(accounts), place, as_json=as_json)
        await ended.wait()
        LOG.info("ending", extra={"row": {"why": why}})
    finally:
        if keeping_up is not None:
            keeping_up.cancel()
        house.forget_address()
        await runner.cleanup()
        house.close()
        await accounts.stop()
        verifier.close()
    return BROKEN_EXIT_CODE if why == _STORE_FAILED else 0


def _announce(
    url: str, house: House, link: SecretText | None, place: Place, *, as_json: bool
) -> None:
    """Say where the office answers, and who may open what."""
    LOG.info("serving", extra={"row": {"url": url}})
    own = house.own_desk
    if as_json:
        row = {"url": url}
        if link is not None:
            row["superadmin"] = link_of(url, link)
        sys.stdout.write(f"{json.dumps(row)}\n")
    else:
        lines = [f"The office answers at {url}", f"Its API: {url}/api/v1/docs"]
        if own is not None:
            lines += [
                f"The live page: {url}/?key={own.admin_key.text}",
                "Whoever has this link sees the festival's figures.",
            ]
        if link is not None:
            lines += [
                f"Nobody runs this house yet. Do so once, within a day: {link_of(url, link)}",
            ]
        lines.append("End with Ctrl-C.")
        sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
    if not place.proxies and place.host not in {"127.0.0.1", "::1", "localhost"}:
        LOG.warning(
            "The pages are not encrypted: beyond a trusted network, put a TLS proxy in front."
        )


def _host_in_url(host: str) -> str:
    """Return the host as it stands in an address; every address is named as this machine."""
    if host in {"0.0.0.0", ""}:  # noqa: S104 - compared, not listened on
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _log_to_stderr(*, verbose: bool) -> None:
    """Let everything of ours and of aiohttp's go to stderr, a JSON object a line."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    handler.addFilter(_without_values)
    ours = logging.getLogger(OURS)
    for log in (ours, logging.getLogger("aiohttp")):
        log.handlers = [handler]
        log.propagate = False
    ours.setLevel(logging.DEBUG if verbose else logging.INFO)


def _without_values(record: logging.LogRecord) -> bool:
    """Keep what is put into a sentence out of the log: aiohttp names the addresses of who asks.

    What of ours may be told stands in a row beside the sentence.
    """
    record.args = ()
    return True
