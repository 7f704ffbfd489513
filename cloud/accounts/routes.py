"""Routes for people themselves: register, sign in, refresh, see and change their account."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from aiohttp import web

from cloud.accounts import invitations, oauth, oneself, superadmin
from cloud.accounts.access import public, signed_in
from cloud.accounts.asking import accounts_of, address_of, done, nothing
from cloud.accounts.models import (
    AcceptSecret,
    ChangeName,
    ChangePassword,
    Joined,
    JoinSecret,
    Login,
    Me,
    NewAccount,
    ProvePassword,
    Refresh,
    Register,
    TokenForm,
    TokenGiven,
    TokenRefused,
    Tokens,
)
from cloud.accounts.registering import NewPerson
from cloud.accounts.registering import register as make_account
from cloud.accounts.sessions import refresh as renew
from cloud.accounts.sessions import sign_out
from cloud.accounts.shown import me_of, tokens_of
from cloud.accounts.signing_in import Attempt, prove, sign_in
from cloud.api.call import Call
from cloud.api.routes import API, Routes

ROUTES: Final = Routes("accounts")
FORM_TYPE: Final = "application/x-www-form-urlencoded"
_FORM_BYTES_MAX: Final = 16 * 1024
_FORM_FIELDS_MAX: Final = 20
_OK: Final = 200
_BAD_REQUEST: Final = 400
_UNAUTHORIZED: Final = 401


@ROUTES.post(f"{API}/auth/register", may=public(), status=201)
async def register(call: Call, body: Register) -> Tokens:
    """Make an account and sign in with it.

    With `organiser` you found an organiser of that name and rule it; without it you are a guest.
    """
    return tokens_of(done(await make_account(accounts_of(call), _new(call, body), body.organiser)))


@ROUTES.post(f"{API}/auth/login", may=public())
async def login(call: Call, body: Login) -> Tokens:
    """Sign in with an e-mail address and its password.

    Whoever works for several organisers names one; otherwise it is the first they worked for. After
    a few wrong tries each next one must wait longer (429).
    """
    attempt = Attempt(body.email, body.password.get_secret_value(), address_of(call))
    return tokens_of(done(await sign_in(accounts_of(call), attempt, body.organiser)))


@ROUTES.post(f"{API}/auth/refresh", may=public())
async def refresh(call: Call, body: Refresh) -> Tokens:
    """Get the next access and refresh tokens for a refresh token, which is good once.

    One that comes again ends the whole session, unless it names the same `attempt` within a minute.
    """
    shown = body.refresh_token.get_secret_value()
    return tokens_of(done(await renew(accounts_of(call), shown, body.attempt)))


@ROUTES.post(f"{API}/auth/logout", may=signed_in())
async def logout(call: Call) -> None:
    """End this session at once, with all access and refresh tokens that it gave."""
    nothing(await sign_out(accounts_of(call), call.who))


@ROUTES.get(f"{API}/auth/me", may=signed_in())
async def me(call: Call) -> Me:
    """See who you are and what you may do."""
    user = call.who.user
    if user is None:
        return me_of(call.who, None)
    return me_of(call.who, done(await oneself.oneself(accounts_of(call), user)))


@ROUTES.put(f"{API}/auth/me", may=signed_in())
async def change_me(call: Call, body: ChangeName) -> Me:
    """Change your name and language."""
    accounts = accounts_of(call)
    nothing(await oneself.rename(accounts, call.user, body.name, body.language))
    return me_of(call.who, done(await oneself.oneself(accounts, call.user)))


@ROUTES.post(f"{API}/auth/password", may=signed_in())
async def password(call: Call, body: ChangePassword) -> None:
    """Change your password; all your other sessions end."""
    present, wanted = body.password.get_secret_value(), body.new_password.get_secret_value()
    nothing(await oneself.change_password(accounts_of(call), call.who, present, wanted))


@ROUTES.post(f"{API}/auth/erase", may=signed_in())
async def erase(call: Call, body: ProvePassword) -> None:
    """Erase your account: who you are, where you work, where you are signed in.

    Nothing brings it back. Whoever alone rules an organiser must hand that over first.
    """
    accounts, user = accounts_of(call), call.user
    found = done(await oneself.oneself(accounts, user))
    attempt = Attempt(found.profile.email, body.password.get_secret_value(), address_of(call))
    done(await prove(accounts, attempt))
    nothing(await oneself.erase_user(accounts, user))


@ROUTES.post(f"{API}/invitations/accept", may=public(), status=201)
async def accept_invitation(call: Call, body: AcceptSecret) -> Tokens:
    """Take an invitation's place with a new account, and sign in with it."""
    shown = body.secret.get_secret_value()
    found = await invitations.accept_as_new(accounts_of(call), shown, _new(call, body))
    return tokens_of(done(found))


@ROUTES.post(f"{API}/invitations/join", may=signed_in())
async def join(call: Call, body: JoinSecret) -> Joined:
    """Take an invitation's place with your account; sign in for that organiser next."""
    shown = body.secret.get_secret_value()
    found = await invitations.join(accounts_of(call), shown, call.who)
    return Joined(organiser=done(found))


@ROUTES.post(f"{API}/superadmin/accept", may=public(), status=201)
async def accept_superadmin_link(call: Call, body: AcceptSecret) -> Tokens:
    """Run the house with a new account, by the secret of the one-time link."""
    shown = body.secret.get_secret_value()
    found = await superadmin.accept_link(accounts_of(call), shown, _new(call, body))
    return tokens_of(done(found))


@ROUTES.post(f"{API}/superadmin/join", may=signed_in())
async def join_superadmins(call: Call, body: JoinSecret) -> None:
    """Run the house with the account that you have, by the secret of the one-time link."""
    shown = body.secret.get_secret_value()
    nothing(await superadmin.accept_link_as(accounts_of(call), shown, call.who))


@ROUTES.post(
    "/oauth/token",
    may=public(),
    takes=FORM_TYPE,
    gives="application/json",
    body_bytes_max=_FORM_BYTES_MAX,
    holds=TokenForm,
    answers={_OK: TokenGiven, _BAD_REQUEST: TokenRefused, _UNAUTHORIZED: TokenRefused},
)
async def token(call: Call, body: bytes) -> web.Response:
    """Get access for a program (OAuth 2, RFC 6749).

    `grant_type=client_credentials` with a client's id and secret, by Basic or in the form, and
    maybe `scope`; or `grant_type=refresh_token` with a `refresh_token` of a person who signed in.
    Refusals have the form of RFC 6749, 5.2.
    """
    form = _form_of(body)
    authorization = call.request.headers.get("Authorization")
    if form is None:
        answer = oauth.refused(oauth.OAuthError.INVALID_REQUEST, "the form cannot be read")
    else:
        answer = await oauth.token_answer(accounts_of(call), form, authorization)
    headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
    if answer.status == _UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Basic realm="guichet"'
    shape = TokenGiven if answer.status == _OK else TokenRefused
    shown = shape.model_validate(answer.body).model_dump(exclude_none=True)
    return web.json_response(shown, status=answer.status, headers=headers)


def _new(call: Call, body: NewAccount) -> NewPerson:
    return NewPerson(
        email=body.email,
        password=body.password.get_secret_value(),
        name=body.name,
        language=body.language,
        address=address_of(call),
    )


def _form_of(body: bytes) -> Mapping[str, str] | None:
    """Return a form's fields; None if it is none, or names one twice.

    A field without a value counts as left out (RFC 6749, 3.2).
    """
    try:
        pairs = parse_qsl(
            body.decode(),
            keep_blank_values=True,
            strict_parsing=True,
            max_num_fields=_FORM_FIELDS_MAX,
            errors="strict",
        )
    except ValueError:
        return None
    form = dict(pairs)
    if len(form) != len(pairs):
        return None
    return {name: value for name, value in form.items() if value}
