"""Who may come in: every request is judged here, before anything else sees it."""

from __future__ import annotations

import hmac
import time
from collections.abc import Collection

from attrs import field, frozen

from actors.control.hosts import Hosts
from actors.control.limits import Buckets, FailedAttempts
from actors.control.refusals import Refusal, cleaned
from actors.control.sessions import Sessions

MARK = "X-Gridactors"  # the key of a session; a header that no form and no page of another origin can send
_OPEN_TO_ALL = ("/", "/login")
_METHODS = ("GET", "POST")
_GUESTS_A_SECOND, _VISITORS_A_SECOND = 20.0, 50.0


@frozen(kw_only=True)
class Knock:
    """Hold what a request says of itself, as far as it matters here; texts are as they came, None for not there.

    `site` is what a browser says of where the request comes from (Sec-Fetch-Site), `code` what its address says.
    """

    method: str
    path: str
    scheme: str
    remote: str
    host: str | None = None
    authorization: str | None = field(default=None, repr=False)
    cookie: str | None = field(default=None, repr=False)
    origin: str | None = None
    referer: str | None = field(default=None, repr=False)
    site: str | None = None
    mark: str | None = field(default=None, repr=False)
    code: str | None = field(default=None, repr=False)


@frozen
class Visitor:
    """Know who came in: with the token, with a session, or as a guest, who sees the login page."""

    session: str | None = field(default=None, repr=False)
    has_token: bool = False

    @property
    def is_known(self) -> bool:
        """Tell whether they may see more than the login page."""
        return self.has_token or self.session is not None


GUEST = Visitor()


class Doors:
    """Judge requests; safe to use from any thread."""

    def __init__(self, token: str, hosts: Hosts, sessions: Sessions, assets: Collection[str]) -> None:
        """Let in whoever has the `token` or a session; `assets` are the paths that the login page itself needs."""
        self._token = token.encode()
        self._hosts, self._sessions = hosts, sessions
        self._open = frozenset((*_OPEN_TO_ALL, *assets))
        self._failed = FailedAttempts()
        self._guests = Buckets(_GUESTS_A_SECOND, 2 * _GUESTS_A_SECOND)
        self._visitors = Buckets(_VISITORS_A_SECOND, 2 * _VISITORS_A_SECOND)

    def judge(self, knock: Knock) -> Visitor | Refusal:
        """Let one in, or say why not."""
        if knock.method not in _METHODS:
            return Refusal(405, "allowed are GET and POST", "a method that is not allowed", knock.method)
        if knock.host is None or not self._hosts.accept(knock.host):
            return Refusal(
                403,
                f"this is not served as {cleaned(repr(knock.host))}",
                "a Host that is not ours",
                repr(knock.host),
            )
        visitor = self._who(knock)
        if isinstance(visitor, Refusal):
            return visitor
        return self._too_often(visitor, knock) or self._foreign(visitor, knock) or visitor

    def wrong(self, knock: Knock, what: str) -> Refusal:
        """Count a token, cookie or code that is wrong, and refuse it."""
        wait = self._failed.note(knock.remote, time.monotonic())
        if wait:
            return Refusal(
                429, "too many failed attempts", f"too many failed attempts with a {what}", knock.remote, wait
            )
        return Refusal(401, f"the {what} is wrong, or no longer good", f"a wrong {what}", knock.remote)

    def _who(self, knock: Knock) -> Visitor | Refusal:
        if knock.authorization is not None:
            scheme, _, given = knock.authorization.partition(" ")
            given_bytes = given.strip().encode("utf-8", "surrogateescape")
            if scheme.lower() == "bearer" and hmac.compare_digest(given_bytes, self._token):
                return Visitor(has_token=True)
            return self.wrong(knock, "token")
        session = None if knock.cookie is None else self._sessions.whose(knock.cookie)
        if session is not None:
            return Visitor(session)
        if knock.path in self._open:
            return GUEST
        if knock.cookie is not None:
            return self.wrong(knock, "session")
        return Refusal(401, "a token is needed: Authorization: Bearer …", "no token", knock.remote)

    def _too_often(self, visitor: Visitor, knock: Knock) -> Refusal | None:
        buckets, who = self._visitors, visitor.session or "token"
        if not visitor.is_known:
            if knock.code is not None and self._sessions.expects(knock.code):
                return None  # somebody else on this machine may knock as often as they like
            buckets, who = self._guests, knock.remote
        wait = buckets.take(who, time.monotonic())
        return Refusal(429, "too many requests", "too many requests", knock.remote, wait) if wait else None

    def _foreign(self, visitor: Visitor, knock: Knock) -> Refusal | None:
        """Refuse what a page of somebody else's had a browser send; a token is nothing that browsers add."""
        if visitor.has_token:
            return None
        if visitor.is_known and knock.site not in (None, "same-origin", "none") and knock.path not in _OPEN_TO_ALL:
            return Refusal(403, "this is for our own page", "a request from another site", repr(knock.site))
        if knock.method == "POST" and not _is_own(knock):
            return Refusal(403, "this is for our own page", "a POST from another origin", repr(knock.origin))
        if visitor.session is not None and not _is_page(knock.path) and not self._is_from_page(visitor.session, knock):
            return Refusal(
                403,
                "this page has no key to your session: log in again, by gridactors dashboard",
                "a cookie without its key",
            )
        return None

    def _is_from_page(self, session: str, knock: Knock) -> bool:
        """Tell whether somebody has more than the cookie, which other servers of this machine are sent too."""
        given = (knock.mark or "").encode("utf-8", "surrogateescape")
        return hmac.compare_digest(given, self._sessions.key_of(session).encode())


def _is_page(path: str) -> bool:
    """Tell whether a path is that of the page itself, which tells nothing, and is asked for without a key."""
    return path in {"/", "/login"} or path.startswith("/static/")


def _is_own(knock: Knock) -> bool:
    own = f"{knock.scheme}://{(knock.host or '').lower()}"
    if knock.origin is not None:
        return knock.origin.lower() == own
    return knock.referer is not None and knock.referer.lower().startswith(f"{own}/")
