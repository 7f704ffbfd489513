"""Which of our languages a browser asks for."""

from collections.abc import Collection

from aiohttp import web


def language_asked(request: web.Request, languages: Collection[str]) -> str | None:
    """Return the first language of `Accept-Language` that is one of ours, None if none is."""
    for part in request.headers.get("Accept-Language", "").split(","):
        wanted = part.split(";", 1)[0].strip().lower()[:2]
        if wanted in languages:
            return wanted
    return None
