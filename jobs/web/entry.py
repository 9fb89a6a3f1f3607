"""Who asks, and whether they may: bearer tokens for programs, a cookie for browsers.

The cookie is `NAME.EXPIRY.SIGNATURE`, signed with the holder's own token: nothing is kept on the server, every replica
knows it, and it ends when the token is taken out of the settings. It goes to our own site only (SameSite=Strict), and
whoever orders something with it must come from our own pages: browsers say so in Sec-Fetch-Site or Origin. A bearer
token is sent by no browser on its own, so programs need not say where they come from.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import time
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response, Security
from fastapi.security import APIKeyCookie, HTTPBearer
from fastapi.security.utils import get_authorization_scheme_param
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from jobs.tokens import Holder, holder_of
from jobs.web.problems import Refusal

log = logging.getLogger(__name__)

_LASTS_S = 30 * 86_400
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_WRONG_TOKENS = RateLimitItemPerMinute(20)
"""Tokens that are nobody's, from one address."""

_PICTURES = 10
"""A wall of frames asks for so many times more pictures than of everything else together."""
_SEEN = 10_000

_bearer = HTTPBearer(auto_error=False, description="A token of the setting `web_tokens`.")
_cookie = APIKeyCookie(
    name="atelier-DIGEST",
    auto_error=False,
    description="What POST /api/v1/session sets in a browser; DIGEST stands for the farm.",
)


def cookie_of(store: str) -> str:
    """What the cookie of the farm with this store is called.

    Browsers send a host's cookies to all its ports: two farms there must not take each other's.
    """
    return f"atelier-{hashlib.sha256(store.encode()).hexdigest()[:8]}"


class Gate:
    """Knows the holders, and counts what each of them asks. One a process."""

    def __init__(self, known: tuple[Holder, ...], *, per_minute: int, store: str) -> None:
        """`store`: its address, which the farm is known by."""
        self.known = known
        self._cookie = cookie_of(store)
        self._limit: RateLimitItem = RateLimitItemPerMinute(per_minute)
        self._pictures: RateLimitItem = RateLimitItemPerMinute(_PICTURES * per_minute)
        self._counts = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._seen: set[tuple[str, str]] = set()
        """Addresses, and who was let in from there."""

    def admit(self, request: Request) -> Holder:
        """Who asks. Counts it as a request of theirs. Raises: Refusal."""
        scheme, token = get_authorization_scheme_param(request.headers.get("authorization"))
        if scheme.lower() == "bearer" and token:
            holder = self.holder(token, request)
        else:
            remembered = self._remembered(request.cookies.get(self._cookie))
            if remembered is None:
                raise Refusal(
                    HTTPStatus.UNAUTHORIZED,
                    "no token was sent; send one as `Authorization: Bearer TOKEN`, or log in at /login",
                    {"WWW-Authenticate": "Bearer"},
                )
            check_site(request)
            holder = remembered
        is_picture = request.url.path.endswith(("/picture", "/source", "/cover"))
        limit = self._pictures if is_picture else self._limit
        if not self._counts.hit(limit, holder.name, "pictures" if is_picture else ""):
            raise Refusal(
                HTTPStatus.TOO_MANY_REQUESTS,
                f"{holder.name} has made {limit.amount:,} such requests in a minute; wait a moment",
                {"Retry-After": "5"},
            )
        return holder

    def holder(self, token: str, request: Request) -> Holder:
        """Whose token it is. Raises: Refusal if it is nobody's, or too many were.

        Who was let in from an address before is let in from there again, whatever others send from it.
        """
        address = request.client.host if request.client else ""
        holder = holder_of(token, self.known)
        if holder is not None and (address, holder.name) in self._seen:
            return holder
        if not self._counts.test(_WRONG_TOKENS, "wrong", address):
            raise Refusal(
                HTTPStatus.TOO_MANY_REQUESTS,
                "too many wrong tokens came from here; wait a minute",
                {"Retry-After": "60"},
            )
        if holder is None:
            self._counts.hit(_WRONG_TOKENS, "wrong", address)
            log.warning("a wrong token came from %s", address)
            raise Refusal(
                HTTPStatus.UNAUTHORIZED,
                "this token is nobody's; ask whoever runs this farm for one",
                {"WWW-Authenticate": 'Bearer error="invalid_token"'},
            )
        if len(self._seen) >= _SEEN:
            self._seen.clear()
        self._seen.add((address, holder.name))
        return holder

    def remember(self, holder: Holder, request: Request, response: Response) -> None:
        """Give a browser the cookie that stands for its token."""
        stamp = f"{holder.name}.{int(time.time()) + _LASTS_S}"
        response.set_cookie(
            self._cookie,
            f"{stamp}.{holder.sign(stamp)}",
            max_age=_LASTS_S,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )

    def forget(self, response: Response) -> None:
        """Take a browser's cookie away."""
        response.delete_cookie(self._cookie, httponly=True, samesite="strict")

    def _remembered(self, cookie: str | None) -> Holder | None:
        found = re.fullmatch(r"([A-Za-z0-9_-]+)\.([0-9]{1,12})\.([0-9a-f]{64})", cookie or "")
        if found is None or int(found[2]) < time.time():
            return None
        holder = next((holder for holder in self.known if holder.name == found[1]), None)
        if holder is None or not hmac.compare_digest(holder.sign(f"{found[1]}.{found[2]}"), found[3]):
            return None
        return holder


def check_site(request: Request) -> None:
    """Raises: Refusal if a browser was sent here to change something by another site's page."""
    if request.method in _SAFE:
        return
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None:
        is_own = site == "same-origin"
    else:
        is_own = origin is not None and urlsplit(origin).netloc == request.headers.get("host")
    if not is_own:
        raise Refusal(HTTPStatus.FORBIDDEN, "this was asked by another site's page; use the dashboard, or send a token")


def admitted(request: Request) -> Holder:
    """Who asks; looked at once a request, however many want to know. Raises: Refusal."""
    holder: Holder | None = getattr(request.state, "holder", None)
    if holder is None:
        gate: Gate = request.app.state.gate
        holder = request.state.holder = gate.admit(request)
    return holder


# Not worth a thread each: what these do takes microseconds, and waits for nobody. That a token or a cookie is needed is
# among the arguments for the API's description.


async def _viewer(
    request: Request, bearer: Annotated[object, Security(_bearer)], cookie: Annotated[object, Security(_cookie)]
) -> Holder:
    return admitted(request)


Viewer = Annotated[Holder, Depends(_viewer)]
"""Whoever may look."""


async def _operator(request: Request, holder: Viewer) -> Holder:
    if not holder.may("operator"):
        raise Refusal(HTTPStatus.FORBIDDEN, f"{holder.name} may look and not order; this takes an operator's token")
    log.info("%s: %s %s", holder.name, request.method, request.url.path)
    return holder


Operator = Annotated[Holder, Depends(_operator)]
"""Whoever may order, steer and upload."""
