"""The scripts that the README begins with."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.e2e.desk import SOON

SCRIPTS = Path(__file__).parents[2] / "scripts"


@pytest.mark.parametrize("arguments", [("--for", "2s"), ("--for=2s", "-q"), ("--results", "r.json", "--for", "2s")])
def test_start_without_a_configuration_trades_the_demo_whatever_the_options(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    given = [str(tmp_path / argument) if argument.endswith(".json") else argument for argument in arguments]
    done = subprocess.run(  # noqa: S603 - the program itself
        [SCRIPTS / "start", *given, "--no-report", "--state-dir", tmp_path],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=SOON,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "-q" in arguments or "SOL/USDT: stopped by the end of its time." in done.stdout


def test_start_with_a_configuration_runs_that_one(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("nonsense = 1\n")
    done = subprocess.run(  # noqa: S603 - the program itself
        [SCRIPTS / "start", "--for", "2s", "mine.toml"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=SOON,
        check=False,
    )
    assert done.returncode == 2
    assert "mine.toml: nonsense: unknown key" in done.stderr
    assert "demo" not in done.stderr
