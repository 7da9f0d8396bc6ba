"""A running process that is played, and the command line that speaks to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from attrs import frozen
from click.testing import CliRunner, Result

from actors.cli import _guarded
from actors.commands.clicks import add_commands
from tests.commands.api import Asked, PlayedApi


@frozen
class Terminal:
    """Run commands as a user would, in a state directory where a played process runs."""

    api: PlayedApi
    state_dir: Path

    def run(self, *words: str, keys: str | None = None) -> Result:
        return CliRunner().invoke(_group(), [*words, "--state-dir", str(self.state_dir)], input=keys)

    def json(self, *words: str) -> Any:
        result = self.run(*words, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def plays(self, request: str, told: object, status: int = 200) -> None:
        self.api.replies[request] = (status, told)

    def plays_in_turn(self, request: str, *told: tuple[int, object]) -> None:
        """Answer with one after the other, and with the last one from then on."""
        left = list(told)

        def reply(_asked: Asked) -> tuple[int, object]:
            return left.pop(0) if len(left) > 1 else left[0]

        self.api.replies[request] = reply

    @property
    def last(self) -> Asked:
        return self.api.asked[-1]


def _group() -> click.Group:
    group = click.Group()
    add_commands(group, _guarded)
    return group


@pytest.fixture
def api() -> Iterator[PlayedApi]:
    with PlayedApi() as api:
        yield api


@pytest.fixture
def terminal(api: PlayedApi, tmp_path: Path) -> Terminal:
    api.runs(tmp_path)
    return Terminal(api, tmp_path)


@pytest.fixture
def at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Have stdin be taken for a terminal."""

    def pretend() -> None:
        from click.testing import _NamedTextIOWrapper

        monkeypatch.setattr(_NamedTextIOWrapper, "isatty", lambda _self: True, raising=False)

    return pretend
