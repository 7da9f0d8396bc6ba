"""From a parsed TOML or JSON document to `Settings`, or to everything that is wrong with it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import NOTHING, define, field, fields, frozen, has, resolve_types

from engine.errors import BadInput
from engine.settings.checks import Check
from engine.settings.leaves import UnfitError, choices, convert
from engine.settings.model import Settings
from engine.settings.rules import RULES
from engine.settings.wording import shown

Table = Mapping[str, Any]


def structure_settings(document: object, source: str) -> Settings:
    """Check a parsed configuration and type it; `source` names the file in messages.

    Numbers with a decimal point come as Decimal. Raise `BadInput` with all problems, in the order of the file.
    """
    if not isinstance(document, Mapping) or not document:
        found = "is empty" if isinstance(document, Mapping) else f"holds {shown(document)}"
        raise BadInput(f"{source}: {found}; it must be a table with the sections {', '.join(_keys(Settings))}")
    reading = _Reading()
    _read(Settings, document, "", reading)
    _apply_rules(document, reading)
    if reading.problems:
        raise BadInput(*(f"{source}: {problem.text}" for problem in _in_file_order(reading.problems, document)))
    settings: Settings = _build(Settings, reading.accepted, "", source=source)
    return settings


@frozen
class _Key:
    type: Any
    default: Any
    check: Check | None

    @property
    def is_section(self) -> bool:
        return has(self.type)

    @property
    def words(self) -> str:
        return self.check.words if self.check else choices(self.type)


@frozen
class _Problem:
    path: str
    text: str


@define
class _Reading:
    """Gather accepted values by dotted path, defaults included, and what is wrong."""

    accepted: dict[str, Any] = field(factory=dict)
    problems: list[_Problem] = field(factory=list)

    def blame(self, path: str, demand: str, *, value: str = "") -> None:
        self.problems.append(_Problem(path, f"{path}{f' = {value}' if value else ''}: {demand}"))


def _read(section: type, table: Table, prefix: str, reading: _Reading) -> None:
    known = _keys(section)
    for name in table:
        if name not in known:  # its value is not shown: it may be a secret that belongs elsewhere
            reading.blame(prefix + name, f"unknown key; {_suggestion(prefix, name, known)}")
    for name, key in known.items():
        path = prefix + name
        if key.is_section:
            _read_section(key.type, table.get(name, {}), path, reading)
        elif name in table:
            _read_value(key, table[name], path, reading)
        elif key.default is NOTHING:
            reading.blame(path, f"is missing; it must be {key.words}")
        else:
            reading.accepted[path] = key.default


def _read_section(section: type, table: object, path: str, reading: _Reading) -> None:
    if isinstance(table, Mapping):
        _read(section, table, f"{path}.", reading)
    else:
        reading.blame(path, f"must be a table with the keys {', '.join(_keys(section))}", value=shown(table))


def _read_value(key: _Key, raw: Any, path: str, reading: _Reading) -> None:
    try:
        value = convert(raw, key.type)
    except UnfitError as unfit:
        reading.blame(path, str(unfit), value=shown(raw))
        return
    if value is None or key.check is None or key.check.holds(value):
        reading.accepted[path] = value
    else:
        reading.blame(path, f"must be {key.words}", value=shown(raw))


def _apply_rules(document: Table, reading: _Reading) -> None:
    written = dict(_flat(document))
    for rule in RULES:
        if all(key in reading.accepted for key in rule.keys):
            values = [reading.accepted[key] for key in rule.keys]
            if not rule.holds(*values):
                path = rule.keys[0]
                value = shown(written[path]) if path in written else ""
                reading.blame(path, rule.demand.format(*map(shown, values)), value=value)


def _build(section: type, accepted: Table, prefix: str, **extra: Any) -> Any:
    values = {
        name: _build(key.type, accepted, f"{prefix}{name}.") if key.is_section else accepted[prefix + name]
        for name, key in _keys(section).items()
    }
    return section(**values, **extra)


def _keys(section: type) -> dict[str, _Key]:
    return {
        attribute.name: _Key(attribute.type, attribute.default, attribute.metadata.get("check"))
        for attribute in fields(resolve_types(section))
        if "not_in_file" not in attribute.metadata
    }


def _suggestion(prefix: str, name: str, known: Mapping[str, object]) -> str:
    if near := difflib.get_close_matches(name, known, n=1):
        return f"did you mean {prefix}{near[0]}?"
    elsewhere = {path.rpartition(".")[2]: path for path in reversed(list(_paths(Settings, "")))}
    if near := difflib.get_close_matches(name, elsewhere, n=1, cutoff=0.8):
        return f"did you mean {elsewhere[near[0]]}?"
    return f"known here: {', '.join(known)}"


def _paths(section: type, prefix: str) -> Iterator[str]:
    for name, key in _keys(section).items():
        yield prefix + name
        if key.is_section:
            yield from _paths(key.type, f"{prefix}{name}.")


def _flat(table: Table, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        yield prefix + name, value
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")


def _in_file_order(problems: list[_Problem], document: Table) -> list[_Problem]:
    """Sort by where the key stands; one that is missing goes to where its section begins, or to the end."""
    places = {path: place for place, (path, _) in enumerate(_flat(document))}

    def place(problem: _Problem) -> int:
        path = problem.path
        while path and path not in places:
            path = path.rpartition(".")[0]
        return places.get(path, len(places))

    return sorted(problems, key=place)
