"""One deliberate mistake: what it changes, and a copy of the code that has it."""

from __future__ import annotations

import shutil
from pathlib import Path

from attrs import frozen

from tests.simulation.many.running import HERE

_COPIED = ("engine", "actors", "tests", "config")


@frozen
class Mutant:
    """Hold a mistake: `old`, which stands exactly once in `file`, becomes `new`."""

    name: str
    file: str
    old: str
    new: str


class DoesNotApply(Exception):
    """A mutant is no mistake in the code as it is now: what it would change is not there, or it does not run."""


UNCHANGED = Mutant("the code as it is", "engine/__init__.py", "", "")


def prepare(mutant: Mutant, folder: Path, source: Path = HERE) -> None:
    """Copy the code to `folder`, with the mistake in it; raise `DoesNotApply` when that cannot be."""
    text = (source / mutant.file).read_text(encoding="utf-8") if (source / mutant.file).is_file() else ""
    places = 1 if mutant is UNCHANGED else text.count(mutant.old)
    if places != 1 or (mutant is not UNCHANGED and mutant.old == mutant.new):
        raise DoesNotApply(f"{mutant.name}: {places} places in {mutant.file}, not one, have {mutant.old!r}")
    for name in _COPIED:
        if (source / name).is_dir():
            shutil.copytree(source / name, folder / name)  # times too, so that what is compiled stays valid
    changed = folder / mutant.file
    changed.write_text(text if mutant is UNCHANGED else text.replace(mutant.old, mutant.new), encoding="utf-8")
    for compiled in changed.parent.glob(f"__pycache__/{changed.stem}.*"):
        compiled.unlink()
