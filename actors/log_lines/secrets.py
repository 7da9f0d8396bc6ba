"""The secrets of this process, which no log shows: whoever reads one has it concealed before anything else.

There is one registry, because there is one log: what is not to be written must not depend on who writes it.
"""

from __future__ import annotations

import threading
from typing import Final

from actors.log_lines.secret_forms import forms_of, secrets_in_url
from actors.log_lines.secret_patterns import MASK, mask_patterns


class Secrets:
    """Know secrets, and take them out of texts; from any thread."""

    def __init__(self) -> None:
        """Know none."""
        self._lock = threading.Lock()
        self._forms: tuple[str, ...] = ()  # the longest first: one may be part of another

    def conceal(self, secret: str) -> None:
        """Know one more; nothing for one of fewer than 6 characters, which would be found everywhere."""
        forms = forms_of(secret)
        with self._lock:
            self._forms = tuple(sorted(forms.union(self._forms), key=lambda form: (-len(form), form)))

    def redacted(self, text: str) -> str:
        """Give `text` without secrets: neither those known, nor what looks like one."""
        for form in self._forms:
            if form in text:
                text = text.replace(form, MASK)
        return mask_patterns(text)


_OF_THIS_PROCESS: Final = Secrets()

conceal: Final = _OF_THIS_PROCESS.conceal
redacted: Final = _OF_THIS_PROCESS.redacted


def conceal_url(url: str) -> None:
    """Conceal a URL that is secret as a whole, its password, and what looks like a token in it."""
    for secret in secrets_in_url(url):
        conceal(secret)
