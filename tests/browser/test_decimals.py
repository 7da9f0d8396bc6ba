"""How the page writes decimals: in the browser, from text to text, never through a float."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.pretend_server import PretendServer
from tests.browser.visits import DASH, MINUS, Visit

CASES: list[tuple[str, list[Any], str]] = [
    ("fixed", ["1234567.891", 2], "1,234,567.89"),
    ("fixed", ["123456789012345678901.123456789", 8], "123,456,789,012,345,678,901.12345679"),
    ("fixed", ["0.1", 0], "0"),
    ("fixed", ["0.125", 2], "0.12"),
    ("fixed", ["0.135", 2], "0.14"),
    ("fixed", ["0.1250000000000000000001", 2], "0.13"),
    ("fixed", ["-999.995", 2], f"{MINUS}1,000.00"),
    ("fixed", ["-0.001", 2], "0.00"),
    ("fixed", ["1E-8", 8], "0.00000001"),
    ("fixed", ["1.5E+3", 2], "1,500.00"),
    ("fixed", ["0E-10", 2], "0.00"),
    ("fixed", [None, 2], DASH),
    ("fixed", ["<b>x</b>", 2], "<b>x</b>"),
    ("fixed", ["1e999", 2], "1e999"),
    ("signed", ["12.3", 2], "+12.30"),
    ("signed", ["-12.3", 2], f"{MINUS}12.30"),
    ("signed", ["0.001", 2], "0.00"),
    ("exact", ["1500.000"], "1,500"),
    ("exact", ["0.00041"], "0.00041"),
    ("exact", ["100"], "100"),
    ("exact", ["-1234.50"], f"{MINUS}1,234.5"),
    ("brief", ["0.0012345"], "0.00123"),
    ("brief", ["1234.5678"], "1,234.57"),
    ("brief", ["0"], "0.00"),
    ("added", ["0.1", "0.2"], "0.3"),
    ("added", ["9007199254740993", "0.00000001"], "9007199254740993.00000001"),
    ("less", ["1", "0.9"], "0.1"),
    ("less", ["1", "-1.5"], "2.5"),
]


@pytest.fixture(scope="module")
def written(browser: Browser) -> list[str]:
    with PretendServer() as server:
        visit = Visit.begin(browser, server)
        visit.page.goto(server.url)
        told: list[str] = visit.page.evaluate(
            """async (cases) => {
                const decimals = await import("/static/decimals.js");
                return cases.map(([name, given]) => decimals[name](...given));
            }""",
            CASES,
        )
        visit.end()
    return told


@pytest.mark.parametrize("number", range(len(CASES)), ids=[f"{name} {given}" for name, given, _ in CASES])
def test_a_decimal_is_written_exactly(written: list[str], number: int) -> None:
    assert written[number] == CASES[number][2]
