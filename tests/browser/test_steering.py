"""The buttons: a confirmation says what will happen, one request is sent, and its outcome is told."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visiting
from tests.browser.pretend_grids import PretendGrid
from tests.browser.visits import Visit


@pytest.mark.parametrize(
    ("action", "says"),
    [
        (
            "Pause",
            [
                "Its 19 open orders are cancelled.",
                "It keeps its position (4,993.2718 USDT and 30.24041 SOL); nothing is sold.",
            ],
        ),
        ("Restart", ["Its 19 open orders are cancelled.", "Then its ladder is put back from what is written down."]),
        (
            "Stop",
            [
                "Its 19 open orders are cancelled.",
                "nothing is sold.",
                "It stays stopped, also when the program is started again, until somebody resumes it.",
            ],
        ),
    ],
)
def test_a_confirmed_action_is_sent_once_and_its_outcome_told(staying: Visit, action: str, says: list[str]) -> None:
    visit = staying
    visit.button(f"{action}…").click()
    expect(visit.at("confirm-title")).to_have_text(f"{action} SOL/USDT?")
    for text in says:
        expect(visit.at("consequences")).to_contain_text(text)
    visit.button(action).click()
    assert visit.server.sent() == (f"/api/{action.lower()}", {"grids": ["SOL/USDT"], "wait": 30})
    expect(visit.at("confirm-title")).to_have_text("Done")
    expect(visit.at("outcomes")).to_contain_text("SOL/USDT: ")
    visit.button("Close").click()
    expect(visit.at("confirm")).to_be_hidden()
    assert visit.server.posts.empty()


@pytest.mark.parametrize(
    ("standing", "says"), [("paused", "Its ladder is put back"), ("stopped", "It begins again with what it holds")]
)
def test_a_resting_grid_can_be_resumed(staying: Visit, standing: str, says: str) -> None:
    grid = PretendGrid()
    grid.rest(standing, "lunch")
    visit = staying
    visit.show(grid)
    expect(visit.button("Pause…")).to_be_hidden()
    expect(visit.button("Restart…")).to_be_disabled()
    visit.button("Resume…").click()
    expect(visit.at("consequences")).to_contain_text(says)
    visit.button("Resume").click()
    assert visit.server.sent() == ("/api/resume", {"grids": ["SOL/USDT"], "wait": 30})
    visit.show(PretendGrid())
    expect(visit.at("standing")).to_have_text("running")
    expect(visit.at("outcomes")).to_have_text("SOL/USDT: running now")
    expect(visit.at("outcomes")).to_be_visible()


@pytest.mark.parametrize(
    ("choice", "number", "unit", "seconds"),
    [
        ("8 hours", None, None, 28_800),
        ("other", "1.5", "hours", 5400),
    ],
)
def test_a_pause_lasts_as_long_as_was_chosen(
    staying: Visit, choice: str, number: str | None, unit: str | None, seconds: int
) -> None:
    visit = staying
    visit.button("Pause…").click()
    visit.page.get_by_label(choice, exact=True).check()
    if number and unit:
        visit.at("other-number").fill(number)
        visit.at("other-unit").select_option(label=unit)
    expect(visit.at("pause-end")).to_have_text(re.compile(r"It goes on by itself at .*\d\d:\d\d\."))
    visit.button("Pause").click()
    assert visit.server.sent()[1]["seconds"] == seconds


def test_a_pause_of_no_length_is_not_sent(staying: Visit) -> None:
    visit = staying
    visit.button("Pause…").click()
    visit.page.get_by_label("other", exact=True).check()
    visit.at("other-number").fill("")
    visit.button("Pause").click()
    expect(visit.page.locator("#other-number:invalid")).to_be_focused()
    visit.button("Cancel").click()
    assert visit.server.posts.empty()


@pytest.mark.parametrize("way", ["Cancel", "Escape"])
def test_nothing_is_sent_when_it_is_cancelled(staying: Visit, way: str) -> None:
    visit = staying
    visit.button("Stop…").click()
    expect(visit.button("Cancel")).to_be_focused()
    expect(visit.button("Stop")).to_be_enabled()
    visit.page.keyboard.press("Escape" if way == "Escape" else "Enter")
    expect(visit.at("confirm")).to_be_hidden()
    assert visit.server.posts.empty()


def test_a_double_click_sends_one_request_and_the_dialog_shows_how_far_it_is(staying: Visit) -> None:
    visit = staying
    visit.server.may_answer.clear()
    visit.button("Pause…").click()
    visit.button("Pause").dblclick()
    expect(visit.at("progress")).to_have_text("Pausing… 19 open orders now.")
    expect(visit.button("Pause")).to_be_disabled()
    visit.grid.orders = visit.grid.orders[:7]
    visit.grid.count()
    visit.tell("status")
    expect(visit.at("progress")).to_have_text("Pausing… 7 open orders now.")
    visit.server.may_answer.set()
    expect(visit.at("confirm-title")).to_have_text("Done")
    visit.server.sent()
    assert visit.server.posts.empty()


def test_a_double_click_on_the_first_button_confirms_nothing(staying: Visit) -> None:
    visit = staying
    visit.button("Stop…").dblclick()
    expect(visit.button("Stop")).to_be_enabled()
    assert visit.server.posts.empty()


@pytest.mark.parametrize(
    ("status", "answer", "title", "says"),
    [
        (
            202,
            {"grids": [{"name": "SOL/USDT", "done": False, "standing": "pausing", "text": "3 orders are left"}]},
            "Not done yet",
            "SOL/USDT: 3 orders are left (still going on)",
        ),
        (
            409,
            {
                "error": "no",
                "grids": [
                    {
                        "name": "SOL/USDT",
                        "done": False,
                        "refused": True,
                        "standing": "running",
                        "text": "it sells everything",
                    }
                ],
            },
            "Refused",
            "SOL/USDT: it sells everything",
        ),
        (429, {"error": "too many requests"}, "Stop SOL/USDT?", "It was refused: too many requests"),
        (503, {}, "Stop SOL/USDT?", "It was refused: status 503"),
    ],
)
def test_what_is_not_done_is_told(staying: Visit, status: int, answer: dict[str, Any], title: str, says: str) -> None:
    visit = staying
    visit.forgive()
    visit.server.answer = status, answer
    visit.button("Stop…").click()
    visit.button("Stop").click()
    expect(visit.at("outcomes")).to_have_text(says)
    expect(visit.at("confirm-title")).to_have_text(title)


def test_what_was_refused_can_be_sent_again(staying: Visit) -> None:
    visit = staying
    visit.forgive()
    visit.server.answer = 503, {"error": "nobody answers"}
    visit.button("Pause…").click()
    visit.page.get_by_label("1 hour").check()
    visit.button("Pause").click()
    expect(visit.at("outcomes")).to_have_text("It was refused: nobody answers")
    visit.server.answer = None
    visit.button("Try again").click()
    expect(visit.at("confirm-title")).to_have_text("Done")
    assert [visit.server.sent()[1]["seconds"] for _ in range(2)] == [3600, 3600]


def test_without_an_answer_it_is_said_that_nobody_knows(visit: Visit) -> None:
    visit.server.may_answer.clear()
    visit.button("Stop…").click()
    visit.button("Stop").click()
    visit.server.sent()
    visit.server.stop()
    expect(visit.at("outcomes")).to_contain_text("No answer came. It may have been done or not")
    expect(visit.button("Send again")).to_be_enabled()
    visit.forgive()


def test_who_is_no_longer_logged_in_comes_to_the_login_page(visit: Visit) -> None:
    visit.server.answer = 401, {"error": "log in first"}
    visit.server.is_locked = True
    visit.button("Stop…").click()
    visit.button("Stop").click()
    expect(visit.page.get_by_label("Code")).to_be_visible()
    visit.forgive()


def test_all_grids_are_paused_by_one_request_that_names_those_that_run(visiting: Visiting) -> None:
    resting = PretendGrid("eth-range")
    resting.rest("stopped", "lunch")
    visit = visiting(PretendGrid(), resting, PretendGrid("BTC/USDT", mode="live")).arrive()
    visit.button("Pause all…").click()
    expect(visit.at("confirm-title")).to_have_text("Pause 2 grids?")
    expect(visit.at("real-money")).to_be_visible()
    visit.button("Pause").click()
    assert visit.server.sent() == ("/api/pause", {"grids": ["SOL/USDT", "BTC/USDT"], "wait": 30})
