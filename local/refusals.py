"""Explain to a developer why the API refuses a request, without a token, a name or a criterion."""

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import cast
from urllib.parse import unquote

import jwt

from local.gateway.exchange import Exchange

AUDIENCE = "authenticated"
UNKNOWN_FIELD = "Is not a field of this request"
BASE64 = "base64-"
LEEWAY_SECONDS = 10
MANY_MINUTES = 120


@dataclass(frozen=True)
class Refusals:
    """Explains the refusals of the running stack.

    Attributes:
        cookie: the name of the session's cookie.
        jwt_secret: the secret that signs sessions.
    """

    cookie: str
    jwt_secret: str = field(repr=False)

    def explain(self, exchange: Exchange) -> str:
        """Return one line; "" if the request was granted."""
        reasons = [self._refusal(exchange), self._page(exchange)]
        return "; ".join(reason for reason in reasons if reason)

    def user(self, exchange: Exchange) -> str | None:
        """Return the id of the user whose session the request holds."""
        token = _bearer(exchange) or self._token_in_cookies(exchange)
        try:
            return str(self._claims(token or "")["sub"])
        except (jwt.PyJWTError, KeyError):
            return None

    def _refusal(self, exchange: Exchange) -> str:
        if exchange.status < HTTPStatus.BAD_REQUEST:
            return ""
        if exchange.route is None:
            return "no such route: the page at / lists them"
        if exchange.status == HTTPStatus.UNAUTHORIZED:
            return self._missing_session(exchange)
        return _error_text(exchange.body)

    def _page(self, exchange: Exchange) -> str:
        origin = exchange.request.header("origin")
        if not origin or exchange.is_readable:
            return ""
        return f"the page {_printable(origin)} may not read this: start with  make dev ORIGINS={_printable(origin)}"

    def _missing_session(self, exchange: Exchange) -> str:
        authorization = exchange.request.header("authorization")
        if token := _bearer(exchange):
            return self._bad_token("the bearer token", token)
        scheme = (
            f"Authorization is {_printable(authorization.partition(' ')[0])} and not Bearer; " if authorization else ""
        )
        if token := self._token_in_cookies(exchange):
            return f"{scheme}{self._bad_token(f'the token in cookie {self.cookie}', token)}"
        return f"{scheme}no session; looked for cookie {self.cookie}, found {self._cookies(exchange)}"

    def _cookies(self, exchange: Exchange) -> str:
        names = sorted(_cookies(exchange))
        if any(name == self.cookie or name.startswith(f"{self.cookie}.") for name in names):
            return "it, but it holds no session that can be read"
        sessions = [name for name in names if name.startswith("sb-")]
        others = f"{len(names)} other cookies" if names else "no cookie"
        return ", ".join(map(_printable, sessions)) or others

    def _bad_token(self, what: str, token: str) -> str:
        try:
            self._claims(token)
        except jwt.ExpiredSignatureError:
            return f"{what} expired {_ago(token)} ago"
        except jwt.InvalidSignatureError:
            return f"{what} is signed with another secret: by another project, or before the data was reset"
        except jwt.DecodeError:
            return f"{what} is not a JWT"
        except jwt.PyJWTError as error:
            return f"{what} is not a user's session: {type(error).__name__}"
        return f"{what} is signed, but is not a user's session"

    def _claims(self, token: str) -> Mapping[str, object]:
        claims: dict[str, object] = jwt.decode(
            token, self.jwt_secret, algorithms=["HS256"], audience=AUDIENCE, leeway=LEEWAY_SECONDS
        )
        return claims

    def _token_in_cookies(self, exchange: Exchange) -> str | None:
        cookies = _cookies(exchange)
        chunks = (cookies.get(f"{self.cookie}.{number}", "") for number in range(len(cookies)))
        return _token(cookies.get(self.cookie) or "".join(chunks))


def _bearer(exchange: Exchange) -> str | None:
    scheme, _, token = exchange.request.header("authorization").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _cookies(exchange: Exchange) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in exchange.request.header("cookie").split(";"))
    return {name.strip(): value.strip() for name, _, value in pairs if name.strip()}


def _token(stored: str) -> str | None:
    """Return the access token in what `@supabase/ssr` stores."""
    text = unquote(stored)
    try:
        if text.startswith(BASE64):
            digits = text.removeprefix(BASE64)
            text = base64.urlsafe_b64decode(digits + "=" * (-len(digits) % 4)).decode(errors="replace")
        return cast("str", json.JSONDecoder().raw_decode(text)[0]["access_token"])
    except (ValueError, KeyError, TypeError):
        return None


def _ago(token: str) -> str:
    claims = jwt.decode(token, options={"verify_signature": False})
    minutes = round((time.time() - float(claims["exp"])) / 60)
    return f"{minutes} minutes" if minutes < MANY_MINUTES else f"{minutes // 60} hours"


def _error_text(body: bytes) -> str:
    """Return the answer's own sentence, which repeats nothing of the request."""
    try:
        answer = json.loads(body)
        details = "; ".join(map(_detail, answer.get("details", [])))
        return f"{answer['code']}: {answer['error']}{f' ({details})' if details else ''}"
    except (ValueError, KeyError, TypeError, AttributeError):
        return "the function failed: its log has the reason"


def _detail(detail: Mapping[str, str]) -> str:
    """Return a detail without an unknown field's name, which may be a person's."""
    if detail["message"] == UNKNOWN_FIELD:
        return "a field of another name than the route's"
    return f"{detail['field']}: {detail['message']}"


def _printable(text: str) -> str:
    """Return a caller's word, shortened and without control characters, which a terminal would obey."""
    return "".join(character for character in text[:80] if character.isprintable())
