"""How a known secret may look in a text: as it is, quoted for a URL, escaped, in base64."""

from __future__ import annotations

import base64
import json
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

SHORTEST = 6  # characters; what is shorter would be found everywhere
_SHORTEST_CORE = 6  # of base64
_SHORTEST_TOKEN = 16  # what is shorter in a URL is rather a name
_FRAME = "-----"  # of PEM


def forms_of(secret: str) -> frozenset[str]:
    """Give every text by which `secret` could be read; none for one that is too short.

    Of a secret in several lines, such as a key in PEM, each line is one.
    """
    secret = secret.strip()
    if len(secret) < SHORTEST:
        return frozenset()
    forms = {*_written(secret), *_in_base64(secret)}
    lines = [line.strip() for line in secret.splitlines()]
    if len(lines) > 1:
        for line in lines:
            if len(line) >= SHORTEST and not line.startswith(_FRAME):
                forms |= _written(line)
    return frozenset(forms)


def secrets_in_url(url: str) -> tuple[str, ...]:
    """Give what is secret in a URL that is secret: the whole, the password, and what looks like a token.

    Services are told things through URLs like ``tgram://123456789:token/chat`` and ``https://host/hook/token``.
    """
    try:
        parts = urlsplit(url)
        values = [value for _, value in parse_qsl(parts.query)]
        words = [parts.username or "", *parts.netloc.rpartition("@")[2].split(":"), *parts.path.split("/"), *values]
        passwords = [parts.password or ""]
    except ValueError:
        return (url,)
    host = (parts.hostname or "").lower()
    tokens = [word for word in words if len(word) >= _SHORTEST_TOKEN and not ("." in word and word.lower() == host)]
    return tuple(dict.fromkeys([url, *(text for word in (*passwords, *tokens) for text in (word, unquote(word)))]))


def _written(text: str) -> set[str]:
    escaped = {json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], repr(text)[1:-1]}
    kept = {"errors": "surrogatepass"}  # of an environment that is no UTF-8
    return {text, quote(text, safe="", **kept), quote(text, **kept), quote_plus(text, **kept), *escaped}


def _in_base64(text: str) -> set[str]:
    """Give what base64 of anything with this text inside has in it, wherever in there the text begins."""
    content = text.encode(errors="surrogatepass")
    cores = set()
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + content).rstrip(b"=")
        spoiled = -(-before * 8 // 6)  # digits that tell of what stands before
        complete = (before + len(content)) * 8 // 6  # digits that tell of nothing that follows
        core = encoded[spoiled:complete].decode()
        if len(core) >= _SHORTEST_CORE:
            cores |= {core, core.translate(str.maketrans("+/", "-_"))}
    return cores
