"""Variables that hold secrets: from the environment or a `.env` file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from engine.errors import BadInput


def look_up(name: str, sources: Iterable[str] = ()) -> list[str]:
    """Give what a variable is set to, without repetition; empty where it is set nowhere.

    For each configuration at `sources` it is looked for in the environment, in a `.env` of the working directory, and
    in one beside the configuration; what is found first counts. Raises `BadInput` for a file that cannot be read.
    """
    read: dict[Path, str] = {}

    def value_in(file: Path) -> str:
        if file not in read:
            read[file] = (_variables(file).get(name) or "").strip()
        return read[file]

    common = os.environ.get(name, "").strip() or value_in(Path.cwd() / ".env")
    if common:
        return [common]
    beside = (value_in(Path(source).resolve().parent / ".env") for source in sources)
    return list(dict.fromkeys(value for value in beside if value))


def _variables(file: Path) -> Mapping[str, str | None]:
    from dotenv import dotenv_values

    try:
        # a secret may hold a dollar sign: nothing is filled in
        return dotenv_values(file, interpolate=False)
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{file}: cannot be read ({type(error).__name__}); allowed: NAME=value lines in UTF-8") from None
