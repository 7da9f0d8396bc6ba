"""Services that tell people something, through Apprise: one URL each, and never a secret in what is said of them.

Apprise quotes URLs in what it logs. So none of that goes anywhere but into the reason of a failure, from which every
part of the URL has been struck. Each service is its own plugin object, called directly: that way a call is made in the
thread that makes it, with no event loop, and with none of the pools of threads that `Apprise.notify` keeps and that the
interpreter would wait for at its end.
"""

from __future__ import annotations

import logging
import re
import threading
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import unquote

from actors.alerting.sender import Refusal
from actors.gateways.environment import look_up
from actors.log_lines.secrets import conceal_url, redacted
from engine.errors import BadInput
from engine.notifying.letters import Letter

if TYPE_CHECKING:
    from apprise import NotifyBase

VARIABLE = "APPRISE_NOTIFICATION_URLS"
_ALLOWED = "URLs that Apprise knows, such as tgram://TOKEN/CHAT or mailto://USER:PASSWORD@HOST, separated by spaces"
_BETWEEN = re.compile(r"[\s,]+(?=[A-Za-z][A-Za-z0-9_+.-]*://)|\s+")  # a comma may also stand within a URL
_WITH_HOST = frozenset({"json", "xml", "form", "mailto", "gotify", "apprise"})  # whose host is no token or topic
_CONNECTS_WITHIN, _ANSWERS_WITHIN = 10.0, 20.0  # seconds at most, whatever a URL says
_SHORTEST_HIDDEN = 4  # characters: what is shorter is only struck where it stands alone
_LONGEST_REASON = 200
_REFUSED = re.compile(r"error=(400|413|414|422)\b")  # what HTTP answers when it is about this one message


class AppriseService:
    """Send letters to one service."""

    def __init__(self, url: str, plugin: NotifyBase) -> None:
        """Hold a plugin made from `url`."""
        host = plugin.host if _shows_host(url) else None
        self.name = f"{url.partition('://')[0].lower()}://{host or ''}…"
        self._secrets = secret_parts(url, host)
        self._plugin = plugin
        plugin.socket_connect_timeout = min(plugin.socket_connect_timeout, _CONNECTS_WITHIN)
        plugin.socket_read_timeout = min(plugin.socket_read_timeout, _ANSWERS_WITHIN)

    def __repr__(self) -> str:
        """Give no more than its name."""
        return f"<{type(self).__name__} {self.name}>"

    def deliver(self, letter: Letter) -> Refusal | None:
        """Send a letter, in this thread; None when the service has taken it."""
        with _overheard() as lines:
            try:
                is_taken = self._plugin.notify(
                    body=redacted(letter.text),  # an error's own words may have anything in them
                    title=letter.title,
                    notify_type=letter.tone.value,
                    body_format="text",
                )
            except Exception as error:  # noqa: BLE001 a hundred plugins, and a text that may quote a URL
                return Refusal(f"failed with {type(error).__name__}")
        if is_taken:
            return None
        said = " ".join(lines[-1].split()) if lines else "it did not say why"
        return Refusal(self._concealed(said)[:_LONGEST_REASON], bool(_REFUSED.search(said)))

    def _concealed(self, text: str) -> str:
        for secret in self._secrets:
            word = re.escape(secret)
            pattern = word if len(secret) >= _SHORTEST_HIDDEN else rf"\b{word}\b"
            text = re.sub(pattern, "***", text, flags=re.IGNORECASE)
        return "".join(c if c.isprintable() else " " for c in text)


def load_services(sources: Iterable[str] = ()) -> list[AppriseService]:
    """Make a service of each URL of the environment or the `.env` files of the configurations at `sources`.

    Empty when there are none, and then Apprise is not even imported. Raises `BadInput` that names those that cannot be
    used by their place, not by what they are.
    """
    urls = find_urls(sources)
    if not urls:
        return []
    services: list[AppriseService] = []
    problems: list[str] = []
    for place, url in enumerate(urls, start=1):
        plugin = _plugin(url)
        if plugin is None:
            problems.append(f"{VARIABLE}: its URL number {place} of {len(urls)} cannot be used; allowed: {_ALLOWED}")
        else:
            services.append(AppriseService(url, plugin))
    if problems:
        raise BadInput(*problems)
    return services


def find_urls(sources: Iterable[str] = ()) -> list[str]:
    """Give the URLs that are set, each once: they are secrets, which no log shows from now on."""
    urls = list(dict.fromkeys(url for value in look_up(VARIABLE, sources) for url in split_urls(value)))
    for url in urls:
        conceal_url(url)
    return urls


def split_urls(value: str) -> list[str]:
    """Take apart what a variable holds."""
    return [url for part in _BETWEEN.split(value) if (url := part.strip(",;\"'"))]


def secret_parts(url: str, host: str | None = None) -> Sequence[str]:
    """Give every part of a URL but its schema and, if that may be shown, its `host`: longest first."""
    rest = url.partition("://")[2] or url
    pieces = {rest, *re.split(r"[:/?&=@#,+;]+", rest)}
    pieces |= {unquote(piece) for piece in pieces}
    return sorted((piece for piece in pieces if piece and piece != host), key=len, reverse=True)


def _shows_host(url: str) -> bool:
    """Tell whether the host is no secret, and nothing that was meant as a password can be taken for it."""
    schema, _, rest = url.partition("://")
    authority, _, path = rest.partition("/")
    return schema.lower().removesuffix("s") in _WITH_HOST and authority.count("@") <= 1 and "@" not in path


def _plugin(url: str) -> NotifyBase | None:
    """Make a plugin; None when Apprise cannot, which it says with the whole URL, so that nobody is told why."""
    with _overheard(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it tries out modules that Python is about to give up
        from apprise import Apprise, AppriseAsset

        asset = AppriseAsset(app_id="gridactors", app_desc="gridactors", async_mode=False)
        try:
            return Apprise.instantiate(url, asset=asset)
        except Exception:  # noqa: BLE001 a hundred plugins
            return None


class _Overhearing(logging.Filter):
    """Keep what Apprise logs from everybody but whoever has called it, in the same thread."""

    def __init__(self) -> None:
        super().__init__()
        self._local = threading.local()

    @contextmanager
    def listening(self) -> Iterator[list[str]]:
        """Give the list that this thread's lines go to."""
        lines: list[str] = []
        self._local.lines = lines
        try:
            yield lines
        finally:
            del self._local.lines

    def filter(self, record: logging.LogRecord) -> bool:
        lines = getattr(self._local, "lines", None)
        if lines is not None:
            lines.append(record.getMessage())
        return False


@contextmanager
def _overheard() -> Iterator[list[str]]:
    """Listen to Apprise while it is called, and have no handler get what it logs, now or later."""
    logger = logging.getLogger("apprise")
    logger.setLevel(logging.WARNING)  # below that there are whole URLs, and no reasons
    own = next((one for one in logger.filters if isinstance(one, _Overhearing)), None)
    if own is None:
        own = _Overhearing()
        logger.addFilter(own)
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)  # it logs the paths of what it asks for
    with own.listening() as lines:
        yield lines
