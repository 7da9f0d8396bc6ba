"""The systemd unit and the container file: what they name is there, and says what it should."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from actors.cli import _guarded, gridactors
from actors.commands.clicks import add_commands
from tests.commands.api import SOON

ROOT = Path(__file__).resolve().parents[2]
UNIT = ROOT / "config" / "gridactors.service"
CONTAINERFILE = ROOT / "config" / "Containerfile"
SYSTEMD_ANALYZE = shutil.which("systemd-analyze")


def unit() -> dict[str, list[str]]:
    settings: dict[str, list[str]] = {}
    for line in UNIT.read_text(encoding="utf-8").splitlines():
        if line and line[0] not in "#[":
            key, _, value = line.partition("=")
            settings.setdefault(key, []).append(value)
    return settings


def instructions() -> list[tuple[str, str]]:
    """Give the container file's instructions, those that go on in the next line joined."""
    text = CONTAINERFILE.read_text(encoding="utf-8").replace("\\\n", "")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.partition(" ")[0], line.partition(" ")[2]) for line in lines]


def commands() -> dict[str, click.Command]:
    group = click.Group(commands=dict(gridactors.commands))
    add_commands(group, _guarded)
    return dict(group.commands)


@pytest.mark.skipif(SYSTEMD_ANALYZE is None, reason="systemd-analyze is not installed")
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    copy = tmp_path / UNIT.name
    # The program is somewhere else here.
    copy.write_text(re.sub(r"(?<=ExecStart=)\S+", sys.executable, UNIT.read_text(encoding="utf-8")), encoding="utf-8")
    result = subprocess.run(  # noqa: S603 systemd's own
        [str(SYSTEMD_ANALYZE), "verify", "--man=no", str(copy)],
        capture_output=True,
        text=True,
        timeout=4 * SOON,
        check=False,
    )
    assert (result.returncode, result.stdout + result.stderr) == (0, "")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("Restart", "on-failure"),
        ("RestartPreventExitStatus", "2"),
        ("KillSignal", "SIGTERM"),
        ("TimeoutStopSec", "90"),
        ("NoNewPrivileges", "yes"),
        ("ProtectSystem", "strict"),
        ("PrivateTmp", "yes"),
        ("StateDirectoryMode", "0700"),
        ("CapabilityBoundingSet", ""),
    ],
)
def test_unit_ends_restarts_and_confines_as_it_must(key: str, value: str) -> None:
    assert unit()[key] == [value]


def test_unit_writes_where_it_is_let_and_starts_what_there_is() -> None:
    (command,) = unit()["ExecStart"]
    program, name, *arguments = command.split()

    assert program.endswith("/bin/gridactors")
    assert name in commands()
    assert arguments[arguments.index("--state-dir") + 1] in unit()["ReadWritePaths"]
    assert "Environment" not in unit(), "keys belong in a file that only root reads"


def test_container_is_built_from_files_that_are_there_and_not_kept_out() -> None:
    kept = (ROOT / ".containerignore").read_text(encoding="utf-8").splitlines()
    copied = [words.split() for name, words in instructions() if name == "COPY" and not words.startswith("--from")]
    sources = [source for *files, _ in copied for source in files]

    assert {"engine", "actors", "constraints.txt", "pyproject.toml"} <= set(sources)
    for source in sources:
        assert (ROOT / source).exists(), source
        assert f"!{source}" in kept, source


def test_container_runs_commands_that_there_are_without_rights_or_secrets() -> None:
    told = dict(instructions())  # of each, the last
    known = commands()

    assert told["ENTRYPOINT"] == '["gridactors"]'
    for name in ("CMD", "HEALTHCHECK"):
        _, command, *rest = re.findall(r'"([^"]+)"', '"gridactors", ' * (name == "CMD") + told[name])
        options = {option for parameter in known[command].params for option in parameter.opts}
        assert {word for word in rest if word.startswith("--")} <= options, name
    assert told["VOLUME"] == told["WORKDIR"] == re.findall(r'"([^"]+)"', told["CMD"])[-1]
    assert told["USER"] not in {"root", "0"}
    assert "ARG" not in told
    assert not re.search(r"KEY|SECRET|TOKEN|PASSWORD", told["ENV"])
