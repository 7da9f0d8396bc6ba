"""The token that opens the door: one for a state directory, kept over restarts."""

from __future__ import annotations

import logging
import re
import secrets
from pathlib import Path

from actors.control.private_files import narrow, read_private, write_private
from engine.errors import BadInput

TOKEN_FILE = "control.token"  # noqa: S105 a file's name
_WRITTEN = re.compile(r"[A-Za-z0-9_-]{32,128}")

log = logging.getLogger(__name__)


def keep_token(state_dir: Path) -> str:
    """Give the token of `state_dir`, making one where there is none; raise `BadInput` where its file is of no use."""
    path = state_dir / TOKEN_FILE
    try:
        if narrow(path):
            log.warning("%s could be read by others, and no longer can; remove it to have a new token made", path)
        token = read_private(path).strip()
    except (FileNotFoundError, NotADirectoryError):
        token = secrets.token_urlsafe(32)
        write_private(path, token + "\n")
        return token
    except OSError as error:
        raise BadInput(f"{path}: cannot be read: {error.strerror or error}") from error
    if not _WRITTEN.fullmatch(token):
        raise BadInput(
            f"{path}: holds no token; allowed: 32 to 128 letters, digits, - and _ (remove the file, and one is made)"
        )
    return token
