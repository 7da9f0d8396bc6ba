"""Where a process keeps what it writes."""

from __future__ import annotations

from pathlib import Path

STATE_DIR = Path("data")  # unless it is told another place
