"""OAuth 2 at `/oauth/token` (RFC 6749): access for programs, by client credentials or by refresh.

A client proves itself by Basic or in the form, never by both. It gets a JWT for 15 minutes and no
refresh token (RFC 6749, 4.4.3): it can ask again with what it has. Refresh tokens are those of
people who signed in at `/api/v1/auth/login`; they belong to no client. Errors have the form and the
words of RFC 6749, 5.2.
"""

import binascii
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final
from urllib.parse import unquote_plus

from cloud.accounts.access import Principal, Scope, read_scopes
from cloud.accounts.keys import find_client, limited_to, principal_of
from cloud.accounts.secret_texts import SecretText
from cloud.accounts.service import LOG, Accounts
from cloud.accounts.sessions import access_token, refresh
from cloud.accounts.troubles import Trouble
from cloud.limits import ACCESS_JWT_S, CREDENTIAL_CHARS_MAX
from cloud.store.accounts import Books

GRANT_CLIENT: Final = "client_credentials"
GRANT_REFRESH: Final = "refresh_token"
_BASIC: Final = "basic"
_OK: Final = 200
_BAD_REQUEST: Final = 400
_UNAUTHORIZED: Final = 401


class OAuthError(StrEnum):
    """The words of RFC 6749, 5.2."""

    INVALID_REQUEST = "invalid_request"
    INVALID_CLIENT = "invalid_client"
    INVALID_GRANT = "invalid_grant"
    INVALID_SCOPE = "invalid_scope"
    UNAUTHORIZED_CLIENT = "unauthorized_client"
    UNSUPPORTED_GRANT_TYPE = "unsupported_grant_type"


@dataclass(frozen=True, slots=True)
class OAuthAnswer:
    """What is answered: the status, and JSON that may hold tokens."""

    status: int
    body: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Client:
    """What a client shows of itself."""

    client_id: str
    secret: str = field(repr=False)


async def token_answer(
    accounts: Accounts, form: Mapping[str, str], authorization: str | None
) -> OAuthAnswer:
    """Answer a request for access; `authorization` is the header's text, None without one."""
    grant = form.get("grant_type", "")
    if not grant:
        return refused(OAuthError.INVALID_REQUEST, "grant_type is missing")
    if grant not in {GRANT_CLIENT, GRANT_REFRESH}:
        return refused(OAuthError.UNSUPPORTED_GRANT_TYPE)
    shown = _client_of(form, authorization)
    if isinstance(shown, OAuthError):
        return refused(shown)
    principal = None
    if shown is not None:
        principal = await _prove(accounts, shown)
        if principal is None:
            LOG.info("client not proved", extra={"row": {}})
            return refused(OAuthError.INVALID_CLIENT)
    if grant == GRANT_REFRESH:
        return await _refreshed(accounts, form, principal)
    if principal is None:
        return refused(OAuthError.INVALID_CLIENT)
    scopes = _wanted(form, principal)
    if isinstance(scopes, OAuthError):
        return refused(scopes)
    limited = limited_to(principal, scopes)
    return _given(access_token(accounts, limited), limited)


def refused(error: OAuthError, why: str = "") -> OAuthAnswer:
    """Return an error in the form that RFC 6749 asks for."""
    status = _UNAUTHORIZED if error is OAuthError.INVALID_CLIENT else _BAD_REQUEST
    body = {"error": error.value} | ({"error_description": why} if why else {})
    return OAuthAnswer(status, body)


async def _refreshed(
    accounts: Accounts, form: Mapping[str, str], client: Principal | None
) -> OAuthAnswer:
    """Answer a refresh; no client was ever given a refresh token, so none may use one."""
    shown = form.get("refresh_token", "")
    if not shown:
        return refused(OAuthError.INVALID_REQUEST, "refresh_token is missing")
    if client is not None:
        return refused(OAuthError.UNAUTHORIZED_CLIENT)
    if form.get("scope"):
        return refused(OAuthError.INVALID_SCOPE, "a refresh keeps the scopes that there are")
    found = await refresh(accounts, shown)
    if isinstance(found, Trouble):
        return refused(OAuthError.INVALID_GRANT, found.sentence)
    return _given(found.access, found.principal, found.refresh)


def _given(
    access: SecretText, principal: Principal, renewal: SecretText | None = None
) -> OAuthAnswer:
    body: dict[str, Any] = {
        "access_token": access.show(),
        "token_type": "Bearer",
        "expires_in": ACCESS_JWT_S,
        "scope": " ".join(sorted(principal.scopes)),
    }
    if renewal is not None:
        body["refresh_token"] = renewal.show()
    return OAuthAnswer(_OK, body)


def _client_of(form: Mapping[str, str], authorization: str | None) -> _Client | OAuthError | None:
    """Return what a client shows of itself, None if there is no client."""
    is_in_form = "client_secret" in form or "client_id" in form
    if authorization is None:
        if not is_in_form:
            return None
        return _Client(form.get("client_id", ""), form.get("client_secret", ""))
    if is_in_form:
        return OAuthError.INVALID_REQUEST
    scheme, _, text = authorization.strip().partition(" ")
    if scheme.lower() != _BASIC or len(text) > CREDENTIAL_CHARS_MAX:
        return OAuthError.INVALID_CLIENT
    try:
        pair = b64decode(text.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return OAuthError.INVALID_CLIENT
    name, _, secret = pair.partition(":")
    return _Client(unquote_plus(name), unquote_plus(secret))


async def _prove(accounts: Accounts, shown: _Client) -> Principal | None:
    """Return the client that this is; a revoked one and one of a suspended organiser is none."""

    def see(books: Books) -> Principal | None:
        machine = find_client(accounts, books, shown.client_id, shown.secret)
        found = None if machine is None else principal_of(books, machine)
        return found if isinstance(found, Principal) else None

    return await accounts.look(see)


def _wanted(form: Mapping[str, str], principal: Principal) -> frozenset[Scope] | OAuthError:
    """Return the scopes that are asked for: all that the client has, if none is named."""
    text = form.get("scope", "")
    if not text.strip():
        return principal.scopes
    try:
        scopes = read_scopes(text.split())
    except ValueError:
        return OAuthError.INVALID_SCOPE
    return scopes if scopes <= principal.scopes else OAuthError.INVALID_SCOPE
