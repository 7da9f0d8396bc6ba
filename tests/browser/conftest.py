"""A real browser, and pretended servers for it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.pretend_grids import PretendGrid
from tests.browser.pretend_server import PretendServer
from tests.browser.visits import Visit

NAMES = ("chromium", "chromium-browser", "google-chrome")

Visiting = Callable[..., Visit]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Start this machine's Chromium."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visiting(browser: Browser) -> Iterator[Visiting]:
    """Give what begins a visit to a server with these grids, one that runs if none are given."""
    with ExitStack() as stack:

        def visit(*grids: PretendGrid, **options: Any) -> Visit:
            server = stack.enter_context(PretendServer(grids or [PretendGrid()]))
            begun = Visit.begin(browser, server, **options)
            stack.callback(begun.end)
            return begun

        yield visit


@pytest.fixture(scope="package")
def one_visit(browser: Browser) -> Iterator[Visit]:
    """Look at one running grid for as long as all these tests take: to come anew takes its time."""
    with PretendServer([PretendGrid()]) as server:
        visit = Visit.begin(browser, server).arrive()
        yield visit
        visit.end()


@pytest.fixture
def staying(one_visit: Visit) -> Iterator[Visit]:
    """Go on with a visit whose page shows a running grid again, and no dialog."""
    yield one_visit
    one_visit.put_back()


@pytest.fixture
def visit(visiting: Visiting) -> Visit:
    """Look at one running grid."""
    return visiting().arrive()
