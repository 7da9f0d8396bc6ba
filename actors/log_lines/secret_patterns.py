"""Secrets that nobody has registered, known by what stands around them.

Each pattern is only tried where one of its hints is in the text, in lower case: most texts have none. Repeats
that could begin anywhere are bounded: a stranger may have written the text so that a pattern takes long.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

MASK: Final = "***"

_NAMES = r"(?:api_?-?key|secret(?:_?key)?|signature|password|passwd|passphrase|listen_?key|(?:[a-z]{1,10}_)?token)"
_LIKE_A_KEY = r"[^\s&'\"<>,;)\]}\x00]{0,200}\d|[^\s&'\"<>,;)\]}\x00]{16}"
_WORD = r"[^\s&'\"<>,;)\]}\x00]"


class _Pattern(NamedTuple):
    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    shown: str


def _pattern(hints: tuple[str, ...], pattern: str, shown: str) -> _Pattern:
    return _Pattern(hints, re.compile(pattern, re.IGNORECASE), shown)


_PATTERNS: Final = (
    # A private key, also one that was cut off.
    _pattern(
        ("private key-----",),
        r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?:(?!-----END)[\s\S])*(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?",
        MASK,
    ),
    # ?signature=…&token=…, and api_key='…' as a value shows its fields
    _pattern(("=",), rf"\b({_NAMES}=)(?:'[^']+'|\"[^\"]+\"|{_WORD}{{6,}})", rf"\1{MASK}"),
    _pattern(("code=",), rf"\b(code=){_WORD}{{16,}}", rf"\1{MASK}"),  # of a login link; error codes are shorter
    # {"apiKey": "…"}, ('X-MBX-APIKEY', '…'), X-MBX-APIKEY: …
    _pattern(
        ("key", "secret", "signature", "passw", "passphrase", "token"),
        # A word of prose after "token:" has no digit in it, and is not that long.
        rf"((?:\b|_){_NAMES}['\"]?\s?[:,]\s?b?)"
        rf"(?:'[^']+'|\"[^\"]+\"|(?:(?<!token: )(?<!_KEY: )|(?={_LIKE_A_KEY})){_WORD}{{6,}})",
        rf"\1{MASK}",
    ),
    _pattern(
        ("authorization", "bearer"),
        rf"(\bAuthorization['\"]?\s?[:,=]\s?['\"]?(?:\w+\s)?|\bBearer\s){_WORD}{{6,}}",
        rf"\1{MASK}",
    ),
    _pattern(("cookie",), r"(\b(?:Set-)?Cookie['\"]?\s?[:,]\s?['\"]?[^\s=]{1,60}=)[^\s;'\"]{6,}", rf"\1{MASK}"),
    # user:password@, also with a password that should have been quoted
    _pattern(("://",), r"(://[^\s/:@'\"]{0,100}:)[^\s'\"<>]{1,500}@", rf"\1{MASK}@"),
    # Services that are told through a URL whose path is the key to them.
    _pattern(("bot", "tgram"), r"(\bbot|tgram://)\d{5,}:[A-Za-z0-9_-]{20,}", rf"\1{MASK}"),
    _pattern(
        ("webhook", "hooks."), r"(/webhooks?/|hooks\.slack\.com/\w+/|\bhooks\.[\w.-]+/)[^\s'\"<>]{6,}", rf"\1{MASK}"
    ),
)


def mask_patterns(text: str) -> str:
    """Give `text` without what looks like a secret."""
    lower = text.lower()
    for hints, pattern, shown in _PATTERNS:
        for hint in hints:
            if hint in lower:
                text = pattern.sub(shown, text)
                break
    return text
