"""Turns tickets, links and reports into what the routes answer."""

from collections.abc import Iterable
from typing import Any, cast

from cloud.store.ticket_links import LinkRow
from cloud.tickets import models
from cloud.tickets.codes import Coded
from cloud.tickets.import_words import words_of
from cloud.tickets.importing import Outcome, Report, RowReport
from cloud.tickets.models import FLAGS
from cloud.tickets.queries import Deed, Ticketed
from sync.codes import CodeFlag
from sync.short_number import short_number


def ticket_shown(one: Ticketed) -> models.TicketShown:
    """Return a ticket as lists and answers show it: without its code and without names."""
    row = one.row
    return models.TicketShown(
        serial=str(row.serial),
        number=short_number(row.serial),
        type=row.type,
        status=cast("Any", one.shown.value),
        stated=None if one.stated is None else cast("Any", one.stated.name.lower()),
        origin=cast("Any", row.origin.name.lower()),
        batch=row.batch.hex(),
        order=None if row.order is None else row.order.hex(),
        made_ms=row.made_ms,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        flags=[word for word, flag in FLAGS.items() if row.flags & flag],
        key_id=row.key_id,
        external=row.external,
        reference=row.reference,
        has_holder=row.holder is not None,
        replaced_by=None if row.replaced_by is None else str(row.replaced_by),
        guests_inside=one.presence.guests_inside,
        admissions=one.presence.admissions,
        version=row.version,
    )


def coded_shown(one: Coded) -> models.Coded:
    """Return a ticket with its code."""
    serial = one.row.serial
    return models.Coded(serial=str(serial), number=short_number(serial), code=one.code)


def deed_shown(deed: Deed) -> models.DeedShown:
    """Return what a gate did."""
    return models.DeedShown(
        what=cast("Any", deed.what),
        serial=str(deed.serial),
        gate=deed.gate,
        terminal=deed.terminal.hex(),
        stamp_ms=deed.stamp_ms,
        zone=deed.zone,
        zone_from=deed.zone_from,
        guests=deed.guests,
        is_provisional=deed.provisional != 0,
        fact=deed.fact.hex(),
        names=None if deed.names is None else deed.names.hex(),
    )


def link_shown(row: LinkRow) -> models.LinkShown:
    """Return a link without its secret."""
    return models.LinkShown(
        link=row.link.hex(),
        label=row.label,
        made_ms=row.made_ms,
        ends_ms=row.ends_ms,
        revoked_ms=row.revoked_ms or None,
    )


def import_shown(report: Report, batch: bytes | None) -> models.ImportShown:
    """Return the report on a table; `batch` is that of the tickets that were made, if any were."""
    counts = {outcome.value: report.count(outcome) for outcome in Outcome}
    return models.ImportShown(
        batch=None if batch is None else batch.hex(),
        encoding=report.encoding,
        delimiter=report.delimiter,
        columns={column.value: name for column, name in report.columns.items()},
        columns_unknown=list(report.unknown),
        types=[
            models.ImportedType(type=t.type, tickets=t.tickets, places=t.places, fits=t.fits)
            for t in report.types
        ],
        first=[
            models.ImportSample(
                external=one.external,
                type=one.type,
                name=one.person.name,
                email=one.person.email,
                reference=one.reference,
            )
            for one in report.first
        ],
        rows=[_import_row(row) for row in report.rows],
        **counts,
    )


def flags_of(words: Iterable[models.Flag]) -> int:
    """Return the bits that travel with a ticket."""
    flags = CodeFlag(0)
    for word in words:
        flags |= FLAGS[word]
    return int(flags)


def _import_row(row: RowReport) -> models.ImportRow:
    words = None if row.wrong is None else words_of(row.wrong, row.detail)
    return models.ImportRow(
        row=row.number,
        outcome=cast("Any", row.outcome.value),
        wrong=None if row.wrong is None else row.wrong.value,
        sentence=None if words is None else models.Sentence(**words),
        external=row.external,
        serial=None if row.serial is None else str(row.serial),
    )
