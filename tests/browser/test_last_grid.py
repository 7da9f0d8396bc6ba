"""The last grid: with it the program ends, and the page says so before and after."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visiting
from tests.browser.pretend_grids import PretendGrid
from tests.browser.visits import Visit

WARNING = "It is the last grid that runs: the program ends, and this page with it."
ENDED = "The program has ended"


def resting(name: str, standing: str) -> PretendGrid:
    grid = PretendGrid(name)
    grid.empty(standing, "stopped by its owner")
    return grid


def stop(visit: Visit) -> None:
    visit.button("Stop…").click()
    visit.button("Stop").click()
    visit.server.sent()


@pytest.mark.parametrize(("other", "is_last"), [("stopped", True), ("paused", False), ("running", False)])
def test_who_stops_a_grid_is_told_whether_the_program_ends(visiting: Visiting, other: str, is_last: bool) -> None:  # noqa: FBT001 (a parameter of a table)
    visit = visiting(PretendGrid(), resting("eth-range", other)).arrive("#grid=SOL%2FUSDT")
    visit.button("Stop…").click()
    expect(visit.at("confirm-title")).to_have_text("Stop SOL/USDT?")
    expect(visit.at("last-grid")).to_have_text(WARNING if is_last else "")
    visit.button("Cancel").click()
    visit.button("Restart…").click()
    expect(visit.at("confirm-title")).to_have_text("Restart SOL/USDT?")
    expect(visit.at("last-grid")).to_be_hidden()


def test_who_stops_all_grids_is_told_that_the_program_ends(visiting: Visiting) -> None:
    visit = visiting(PretendGrid(), PretendGrid("eth-range")).arrive()
    visit.button("Stop all…").click()
    expect(visit.at("last-grid")).to_have_text(
        "They are the last grids that run: the program ends, and this page with it."
    )


def test_a_grid_becomes_the_last_one_while_its_dialog_is_open(visiting: Visiting) -> None:
    visit = visiting(PretendGrid(), PretendGrid("eth-range")).arrive("#grid=SOL%2FUSDT")
    visit.button("Stop…").click()
    expect(visit.at("last-grid")).to_be_hidden()
    visit.server.grids[1].empty("stopped", "stopped by its owner")
    visit.tell("status")
    expect(visit.at("last-grid")).to_have_text(WARNING)


def test_a_program_that_is_gone_with_its_last_grid_has_ended_and_is_looked_for_quietly(visiting: Visiting) -> None:
    visit = visiting()
    visit.page.clock.install()
    visit.arrive()
    visit.server.sees_a_stream()
    stop(visit)
    expect(visit.at("confirm-title")).to_have_text("Done")
    visit.button("Close").click()
    visit.server.stop()
    expect(visit.at("ended")).to_contain_text(ENDED)
    expect(visit.at("lost-said")).to_have_text(f"{ENDED}.")
    expect(visit.at("lost")).to_be_hidden()
    expect(visit.at("link")).to_have_text("ended")
    expect(visit.page).to_have_title(f"{ENDED} · gridactors")
    expect(visit.button("Stop…")).to_be_disabled()

    visit.server.began += 1
    visit.server.start()
    visit.page.clock.run_for(11_000)
    expect(visit.at("link")).to_have_text("live")
    expect(visit.at("ended")).to_be_hidden()
    expect(visit.button("Stop…")).to_be_enabled()
    visit.server.stop()
    expect(visit.at("lost")).to_be_visible()
    visit.forgive()


def test_a_program_that_was_ending_and_is_gone_has_ended(visit: Visit) -> None:
    visit.server.is_stopping = True
    visit.tell("status")
    expect(visit.at("ending")).to_be_visible()
    visit.server.stop()
    expect(visit.at("ended")).to_contain_text(ENDED)
    expect(visit.at("ending")).to_be_hidden()
    visit.forgive()


@pytest.mark.parametrize("other", ["running", "paused"])
def test_a_program_with_other_grids_that_is_gone_is_lost(visiting: Visiting, other: str) -> None:
    visit = visiting(PretendGrid(), resting("eth-range", other)).arrive("#grid=SOL%2FUSDT")
    stop(visit)
    expect(visit.at("confirm-title")).to_have_text("Done")
    visit.server.stop()
    expect(visit.at("lost")).to_be_visible()
    expect(visit.at("ended")).to_be_hidden()
    visit.forgive()
