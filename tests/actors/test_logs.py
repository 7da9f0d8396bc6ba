"""Where the log goes."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from actors import logs
from engine.errors import BadInput


@pytest.fixture(autouse=True)
def own_handlers() -> Iterator[None]:
    """Keep the handlers of the tests from being closed, and close those made here."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    root.handlers = []
    yield
    for handler in root.handlers:
        handler.close()
    root.handlers = handlers
    root.setLevel(level)


def test_log_goes_to_stderr_from_its_level_on(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(logging.WARNING, None)

    logging.getLogger("actors.x").info("unheard")
    logging.getLogger("actors.x").warning("heard")
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.endswith(" WARNING actors.x: heard\n")
    assert "unheard" not in printed.err


def test_log_goes_to_the_file_too_and_its_folders_are_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "data" / "logs" / "x.log"
    logs.set_up(logging.DEBUG, file)

    logging.getLogger("actors.x").info("größer")
    assert file.read_text(encoding="utf-8").endswith(" INFO actors.x: größer\n")
    assert file.read_text(encoding="utf-8") == capsys.readouterr().err


@pytest.mark.parametrize(
    ("level", "quiet", "heard"),
    [
        (logging.DEBUG, False, ["debug", "info", "warning", "error"]),
        (logging.DEBUG, True, ["warning", "error"]),
        (logging.INFO, False, ["warning", "error"]),
        (logging.ERROR, False, ["error"]),
    ],
)
def test_terminal_hears_warnings_and_everything_only_when_debugging(
    *, level: int, quiet: bool, heard: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    logs.set_up(level, None, quiet=quiet)

    for word in ("debug", "info", "warning", "error"):
        getattr(logging.getLogger("x"), word)(word)
    assert [line.rsplit(" ")[-1] for line in capsys.readouterr().err.splitlines()] == heard


def test_file_is_appended_to(tmp_path: Path) -> None:
    for word in ("one", "two"):
        logs.set_up(logging.INFO, tmp_path / "x.log")
        logging.getLogger("x").info("%s", word)

    assert (tmp_path / "x.log").read_text().count("INFO x:") == 2


def test_file_cannot_grow_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "_FILE_BYTES", 1_000)
    logs.set_up(logging.INFO, tmp_path / "x.log")

    for _ in range(200):
        logging.getLogger("x").info("%s", "x" * 80)
    sizes = [file.stat().st_size for file in tmp_path.iterdir()]
    assert len(sizes) == 6
    assert max(sizes) <= 1_000


def test_setting_up_again_replaces_what_was_set_up(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(logging.INFO, None)
    logs.set_up(logging.INFO, None)

    logging.getLogger("x").warning("once")
    assert capsys.readouterr().err.count("once") == 1


def test_file_that_cannot_be_opened_is_refused_with_its_key(tmp_path: Path) -> None:
    (tmp_path / "data").touch()

    with pytest.raises(BadInput, match=r"^logging.log_to_file = true: .*data/x.log cannot be written: .*; allowed: "):
        logs.set_up(logging.INFO, tmp_path / "data" / "x.log")


def test_library_is_not_heard_on_connections_that_a_signal_cut_off(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(logging.DEBUG, None)

    logging.getLogger("urllib3.connectionpool").warning("Connection pool is full, discarding connection")
    assert capsys.readouterr().err == ""
