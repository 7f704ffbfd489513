"""Reads a request's body no further and no longer than it may be."""

import asyncio

from aiohttp import web


class TooLong(Exception):
    """The body has more bytes than it may have."""


async def read_body(request: web.Request, bytes_max: int, seconds_max: int) -> bytes:
    """Return the body; `TooLong` before it is read further, `TimeoutError` if it comes slowly."""
    if (request.content_length or 0) > bytes_max:
        raise TooLong
    content = bytearray()
    async with asyncio.timeout(seconds_max):
        while not request.content.at_eof():
            content += await request.content.read(bytes_max + 1)
            if len(content) > bytes_max:
                raise TooLong
    return bytes(content)
