"""How a running process is: each check with its number, and how that went lately."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from rich.text import Text

from actors.display.live_figures import BAD, DIM, ODD, clock
from actors.display.running_columns import printable, table, words

Json = Mapping[str, Any]
_BARS = "▁▂▃▄▅▆▇█"
_MOST_BARS = 20
_STYLES = MappingProxyType({"ok": "green", "warning": ODD, "critical": BAD})


def draw_health(answer: Json | None) -> list[Text]:
    """Tell every check, those that are not well first."""
    if not answer:
        return [Text("nothing is known of its health yet", DIM)]
    now = int(answer["time"])
    checks: list[Json] = sorted(answer["checks"], key=lambda check: check["level"] == "ok")
    head = Text(f"health at {clock(now, now)} UTC: ", DIM).append_text(_level(answer))
    return [
        head,
        *table(
            [
                words("", map(_level, checks)),
                words("check", (str(check["name"]).replace("_", " ") for check in checks)),
                words("grid", (check["grid"] or "" for check in checks)),
                words("", (check["text"] for check in checks)),
                words("since", (_since(check, now) for check in checks), DIM),
                words("lately", (_trend(check["trend"]) for check in checks), DIM),
            ]
        ),
    ]


def _level(told: Json) -> Text:
    level = str(told["level"])
    return Text(printable(level), _STYLES.get(level, DIM))


def _since(check: Json, now: int) -> str:
    since = check["since"]
    return "" if since is None or check["level"] == "ok" else clock(int(since), now).strip()


def _trend(values: Sequence[object]) -> str:
    """Draw numbers as bars between the least and the most of them."""
    heights = [Decimal(str(value)) for value in values[-_MOST_BARS:]]
    if len(heights) < 2 or min(heights) == max(heights):
        return ""
    least, reach = min(heights), max(heights) - min(heights)
    return "".join(_BARS[int((height - least) / reach * (len(_BARS) - 1))] for height in heights)
