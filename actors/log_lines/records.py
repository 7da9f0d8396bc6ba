"""Log records that have no secrets, whichever handler asks them what they say."""

from __future__ import annotations

import logging
import re
import traceback
from typing import Any, Final

from actors.log_lines.secrets import redacted

# What a terminal would obey or could not show, and what would end a line before its end; strangers may send it.
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class SafeRecord(logging.LogRecord):
    """Say a message without secrets and control characters; so is its trace, which is made at once.

    A call whose arguments do not fit its message is told as it stands: no log call may fail an actor.
    """

    def __init__(self, *args: Any, **named: Any) -> None:
        """Take what `logging.LogRecord` takes."""
        super().__init__(*args, **named)
        if self.exc_info and self.exc_info[0] is not None:
            self.exc_text = clean("".join(traceback.format_exception(*self.exc_info)).rstrip("\n"))
        if self.stack_info:
            self.stack_info = clean(self.stack_info)

    def getMessage(self) -> str:  # noqa: N802 the name is logging's
        """Give the message, as it may be seen."""
        return clean(message_of(self))


def message_of(record: logging.LogRecord) -> str:
    """Put a record's message together, secrets and all; it never fails."""
    try:
        return logging.LogRecord.getMessage(record)
    except Exception:  # noqa: BLE001 arguments that do not fit, or cannot be shown
        try:
            return f"{record.msg!r} {record.args!r}"
        except Exception as error:  # noqa: BLE001 nor can these
            return f"a message that cannot be shown ({type(error).__name__})"


def clean(text: str) -> str:
    """Give `text` without secrets, and with control characters escaped; lines and tabs stay."""
    text = redacted(text)
    if text.isprintable():
        return text
    return _CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def keep_secrets() -> None:
    """Have every record of this process made so from now on, whoever logs and whichever handler hears it."""
    logging.setLogRecordFactory(SafeRecord)
