"""Tickets of other systems, brought in as the CSV that those systems and spreadsheets write."""

import asyncio
from collections.abc import Mapping
from typing import Final

from cloud.api.call import Answer, Call
from cloud.api.problems import Problem, problem_of
from cloud.api.routes import Routes
from cloud.api.spelling import spell
from cloud.clock_and_chance import random_bytes
from cloud.festivals.sight import sight_in
from cloud.limits import FAULTS_TOLD_MAX, IMPORT_BYTES_MAX, RETRY_AFTER_S
from cloud.office import Office
from cloud.store.look import Look
from cloud.store.tickets import TicketBook, TicketTaken
from cloud.tickets import importing, models, shows
from cloud.tickets.import_rows import Types
from cloud.tickets.import_words import words_of, words_of_table
from cloud.tickets.importing import Outcome, Read, types_of
from cloud.tickets.people import Sealer
from cloud.tickets.refusals import Refusal, Why
from cloud.tickets.routes import TICKETS, WRITE, sealer_of
from cloud.tickets.table_reader import BadTable
from sync.names import ID_BYTES

ROUTES: Final = Routes("tickets")
CSV_TYPE: Final = "text/csv"
_MS: Final = 1_000


@ROUTES.post(
    f"{TICKETS}/import/preview", may=WRITE, takes=CSV_TYPE, body_bytes_max=IMPORT_BYTES_MAX
)
async def preview_import(
    call: Call, body: bytes, query: models.ImportQuery
) -> Answer[models.ImportShown]:
    """Say what an import of a table would do, row by row; nothing is changed.

    The table may be in UTF-8, UTF-16 or Windows-1252, with semicolons, commas or tabs, its columns
    in any order under English or French names. It needs a column of codes.
    """
    given = await _read(call, body, query, None)

    def see(seen: Look) -> importing.Report:
        return importing.preview(seen.cells, TicketBook(seen.connection, seen.festival), given)

    report = await call.desk.look(see)
    return Answer(call.status, await asyncio.to_thread(_spelled, report, None))


@ROUTES.post(f"{TICKETS}/import", may=WRITE, takes=CSV_TYPE, body_bytes_max=IMPORT_BYTES_MAX)
async def import_table(
    call: Call, body: bytes, query: models.TakeInQuery
) -> Answer[models.ImportShown]:
    """Take in tickets of another system: all rows that are new, or nothing.

    Each becomes a ticket with a new code of this festival, which its guest must be sent; the other
    system's code is kept and can be looked for. Codes that are here already change nothing, so the
    same table can be sent again. A wrong row stops everything unless `skip_bad` is given.
    """
    given = await _read(call, body, query, sealer_of(call))
    batch = random_bytes(ID_BYTES)
    how = importing.How(
        batch=batch,
        skip_bad=query.skip_bad,
        valid_from=query.valid_from,
        valid_until=query.valid_until,
    )

    def job(office: Office) -> importing.Report | Problem:
        done = importing.take_in(office, given, how, random_bytes)
        return _problem_with(done, given) if isinstance(done, Refusal) else done

    try:
        report = await call.do(job)
    except TicketTaken as trouble:
        title = "Somebody imports the same codes just now. Ask again in a moment."
        headers = {"Retry-After": str(RETRY_AFTER_S)}
        raise Problem(503, title, "taken_meanwhile", headers=headers) from trouble
    made = batch if report.count(Outcome.IMPORTED) else None
    return Answer(call.status, await asyncio.to_thread(_spelled, report, made))


async def _read(call: Call, body: bytes, query: models.ImportQuery, sealer: Sealer | None) -> Read:
    """Read and judge a table beside the writer; a `Problem` if it cannot be read."""

    def see(seen: Look) -> Mapping[str, int]:
        return types_of(sight_in(seen))

    by_name = await call.desk.look(see)
    for number in (query.type, query.type_if_unknown):
        if number is not None and number not in by_name.values():
            raise problem_of(Refusal(Why.UNKNOWN_TYPE, str(number)))
    types = Types(by_name, query.type, query.type_if_unknown)
    given = await asyncio.to_thread(importing.read, body, types, sealer)
    if isinstance(given, BadTable):
        words = words_of_table(given)
        where = f"row {given.row}" if given.row else "the table"
        faults = [{"where": where, "what": text} for text in words.values()]
        raise Problem(422, words["en"], given.trouble.value, faults=faults)
    return given


def _spelled(report: importing.Report, batch: bytes | None) -> bytes:
    """Return a report as JSON; one of 20,000 rows takes a third of a second."""
    return spell(shows.import_shown(report, batch))


def _problem_with(refusal: Refusal, given: Read) -> Problem:
    """Return why nothing was taken in, with the first of the rows that are wrong."""
    wrong = [(one.number, one.wrong, one.detail) for one in given.judged if one.wrong is not None]
    faults = [
        {"where": f"row {number}", "what": words_of(why, detail)["en"]}
        for number, why, detail in wrong[:FAULTS_TOLD_MAX]
    ]
    told = faults if refusal.why is Why.BAD_ROWS else []
    return Problem(refusal.status, refusal.sentence, refusal.why.value, faults=told)
