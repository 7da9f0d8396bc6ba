"""Sessions of browsers: begun with a code that works once, carried on by a signed cookie."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections import OrderedDict

from itsdangerous import BadData, TimestampSigner

CODE_SECONDS = 60
SESSION_SECONDS = 30 * 86_400
_CODES, _ENDED = 16, 1000  # that are remembered


class Sessions:
    """Let browsers in; safe to use from any thread.

    The key comes from the token, so that sessions outlive a restart and end with their token.

    A browser sends a cookie to every server of the same host, whatever its port, and somebody else may run one. So a
    session has a key beside its cookie, which our page alone has, and without which nothing is done.
    """

    def __init__(self, token: str) -> None:
        """Sign with a key made from `token`."""
        key = hmac.digest(token.encode(), b"gridactors sessions", "sha256")
        self._signer = TimestampSigner(key, salt=b"gridactors session", digest_method=hashlib.sha256)
        self._page_key = hmac.digest(token.encode(), b"gridactors page keys", "sha256")
        self._lock = threading.Lock()
        self._codes: OrderedDict[bytes, float] = OrderedDict()  # hash of a code -> when it expires
        self._ended: OrderedDict[str, None] = OrderedDict()

    def invite(self) -> str:
        """Make a code that begins one session within a minute; only its hash is kept."""
        code = secrets.token_urlsafe(24)
        with self._lock:
            self._codes[_hash(code)] = time.monotonic() + CODE_SECONDS
            while len(self._codes) > _CODES:
                self._codes.popitem(last=False)
        return code

    def expects(self, code: str) -> bool:
        """Tell whether a code was given out and not used yet."""
        wanted = _hash(code)
        with self._lock:
            return wanted in self._codes

    def begin(self, code: str) -> str | None:
        """Take a code for a cookie's value; None for one that is wrong, used or too old."""
        now, wanted = time.monotonic(), _hash(code)
        with self._lock:
            expires_at = self._codes.pop(wanted, None)
            for other in [one for one, until in self._codes.items() if until < now]:
                del self._codes[other]
        if expires_at is None or expires_at < now:
            return None
        return self._signer.sign(secrets.token_urlsafe(16)).decode()

    def whose(self, cookie: str) -> str | None:
        """Give the session that a cookie is of, None for none."""
        try:
            session = self._signer.unsign(cookie, max_age=SESSION_SECONDS).decode()
        except (BadData, UnicodeError, ValueError, OverflowError):
            return None
        with self._lock:
            return None if session in self._ended else session

    def key_of(self, session: str) -> str:
        """Give what the page of this session says whenever it steers."""
        return hmac.new(self._page_key, session.encode(), "sha256").hexdigest()

    def end(self, session: str) -> None:
        """Let nobody in with this session's cookie any more."""
        with self._lock:
            self._ended[session] = None
            while len(self._ended) > _ENDED:
                self._ended.popitem(last=False)


def _hash(code: str) -> bytes:
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).digest()
