"""A log of a test's own, and what is in its file."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from actors import logs


@contextmanager
def own_log() -> Iterator[None]:
    """Keep the handlers of the tests from being closed, and close those made here."""
    root = logging.getLogger()
    handlers, level, factory = root.handlers, root.level, logging.getLogRecordFactory()
    root.handlers = []
    try:
        yield
    finally:
        logs.close()
        for handler in root.handlers:
            handler.close()
        root.handlers = handlers
        root.setLevel(level)
        logging.setLogRecordFactory(factory)


def records_in(*files: Path) -> list[dict[str, Any]]:
    """Read what was logged to files; every line has to be JSON, and whole."""
    logs.flush()
    records = []
    for file in files:
        text = file.read_text(encoding="ascii")
        assert text == "" or text.endswith("\n")
        records += [json.loads(line) for line in text.split("\n")[:-1]]
    return records


def files_in(folder: Path) -> list[Path]:
    """Give the log files of a folder, without the locks."""
    return sorted(file for file in folder.iterdir() if file.suffix != ".lock")
