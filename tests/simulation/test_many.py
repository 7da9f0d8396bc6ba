"""Many worlds, shrinking, stories and mutants, on toy worlds."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import psutil
import pytest
from attrs import evolve
from click.testing import CliRunner, Result

from engine.addresses import GridAddresses
from engine.messages import (
    CatchUp,
    OrderFilled,
    OrdersUnobserved,
    Owner,
    PlaceOrder,
    PriceMoved,
    RecordIntent,
    SubmitOrder,
)
from engine.values import Kind, Side
from tests.simulation.living.verdict import Verdict
from tests.simulation.many import mutants, toy_world
from tests.simulation.many.__main__ import INTERRUPTED, simulate
from tests.simulation.many.figures import Figures, grouped
from tests.simulation.many.mutant import DoesNotApply, Mutant, prepare
from tests.simulation.many.mutant_list import MUTANTS
from tests.simulation.many.running import HERE, Report, Wanted, Worker, WorkerDied, run
from tests.simulation.many.shrinking import Shrinking, shrink
from tests.simulation.many.story import Line, cut, folded, lines
from tests.simulation.many.wording import words
from tests.simulation.many.worlds import NEVER_ENDED, Failure, Told, alarms, look

TOY = "tests.simulation.many.toy_world"
MANY = tuple(f"{kind}@{number}" for number in range(20) for kind in ("kill", "price", "stream lost"))


def ran(*arguments: str, command: object = simulate) -> Result:
    return CliRunner().invoke(command, ["--world", TOY, *arguments])  # type: ignore[arg-type]


# --- shrinking -----------------------------------------------------------------------------------------


def shrunk(does_harm: Callable[[frozenset[str]], bool], most_runs: int = 500) -> tuple[set[str], int, bool]:
    def fails(only: frozenset[str]) -> tuple[str, ...] | None:
        return tuple(fault for fault in MANY if fault in only) if does_harm(only) else None

    found = Shrinking(fails, MANY, most_runs, 60.0).shrink()
    return set(found.faults), found.runs, found.is_least


@pytest.mark.parametrize(
    "needed",
    [
        set(),
        {"kill@7"},
        {"kill@0", "price@19"},
        {"kill@3", "price@3", "stream lost@17"},
        {f"kill@{number}" for number in range(0, 20, 3)},
    ],
    ids=len,
)
def test_what_needs_some_faults_together_shrinks_to_exactly_these(needed: set[str]) -> None:
    faults, _, is_least = shrunk(needed.issubset)
    assert (faults, is_least) == (needed, True)


def test_one_of_two_causes_is_left() -> None:
    faults, _, _ = shrunk(lambda only: {"kill@1", "price@2"} <= only or {"stream lost@3"} <= only)
    assert faults in ({"kill@1", "price@2"}, {"stream lost@3"})


def test_what_some_faults_heal_shrinks_to_faults_none_of_which_can_go() -> None:
    def does_harm(only: frozenset[str]) -> bool:
        return "kill@1" in only and not ("price@2" in only and "price@3" not in only)

    faults, _, is_least = shrunk(does_harm)
    assert does_harm(frozenset(faults))
    assert is_least
    assert not any(does_harm(frozenset(faults - {fault})) for fault in faults)


def test_kinds_that_have_nothing_to_do_with_it_cost_one_run_each() -> None:
    _, runs, _ = shrunk(lambda only: "kill@7" in only)
    assert runs <= 3 + 2 * len(bin(20))


def test_shrinking_ends_when_the_runs_are_used_up_and_says_so() -> None:
    faults, runs, is_least = shrunk(lambda only: sum(fault.startswith("kill") for fault in only) >= 15, most_runs=9)
    assert (runs, is_least) == (9, False)
    assert {fault for fault in MANY if fault.startswith("kill")} & faults


def test_a_world_with_another_violation_is_not_the_same_failure() -> None:
    def live(seed: int, *, only: frozenset[str] | None = None, teller: Callable[[Told], None] | None = None) -> Verdict:
        verdict = toy_world.live(seed, only=only, teller=teller)
        violation = verdict.violation
        if violation is not None and len(verdict.faults) < 10:
            return evolve(verdict, violation=evolve(violation, law="another one"))
        return verdict

    failure = look(live, toy_world.BROKEN).failure
    assert failure is not None
    again, found = shrink(live, failure)
    assert (again.law, len(found.faults)) == (failure.law, 10)


# --- one world -------------------------------------------------------------------------------------------


def test_the_command_that_is_printed_breaks_the_same_law_again() -> None:
    first = ran("--from", str(toy_world.BROKEN), "--seeds", "3")
    assert first.exit_code == 1
    command = next(line for line in first.output.splitlines() if line.startswith("scripts/simulate"))
    assert command == f'scripts/simulate --replay {toy_world.BROKEN} --only "kill@20,disorder@21"'
    again = ran("--replay", str(toy_world.BROKEN), "--only", "kill@20,disorder@21")
    assert again.exit_code == 1
    assert "two do not meet" in again.output
    story = [line for line in first.output.splitlines() if "price_feed → level/7" in line]
    assert story
    assert [line for line in again.output.splitlines() if "price_feed → level/7" in line] == story


def test_a_replay_without_its_faults_is_well() -> None:
    result = ran("--replay", str(toy_world.BROKEN), "--only", "kill@20", "--quiet")
    assert result.exit_code == 0
    assert result.output == f"the world of seed {toy_world.BROKEN} is well: 5 messages, 10.000 s, faults: kill@20\n"


@pytest.mark.parametrize(("options", "told"), [(["--tail", "2"], 3), (["--all"], 60)])
def test_a_replay_tells_as_much_as_is_asked_for(options: list[str], told: int) -> None:
    result = ran("--replay", "1", *options)
    assert result.exit_code == 0
    assert len(result.output.splitlines()) == told + 1


def test_an_exception_is_a_failure_with_its_trace_and_shrinks() -> None:
    failure = look(toy_world.live, toy_world.RAISES).failure
    assert failure is not None
    assert (failure.law, failure.what) == ("no WithFaults", "a bug of the simulation")
    assert "in live" in failure.trace
    again, _ = shrink(toy_world.live, failure)
    assert again.faults == ("kill@20", "disorder@21")


def test_an_exception_that_does_not_say_its_faults_is_tried_without_any() -> None:
    def live(seed: int, *, only: frozenset[str] | None = None, teller: Callable[[Told], None] | None = None) -> Verdict:
        if only is None:
            raise ValueError(str(seed))
        return toy_world.live(seed, only=only, teller=teller)

    failure = look(live, 5).failure
    assert failure is not None
    again, found = shrink(live, failure)
    assert (again.faults, found.runs) == (None, 1)


def test_a_world_that_does_not_end_is_a_failure() -> None:
    with alarms():
        failure = look(toy_world.live, toy_world.NEVER_ENDS, longest=1).failure
    assert failure is not None
    assert failure.law == NEVER_ENDED
    assert "_trouble" in failure.trace


def test_a_failure_that_is_not_repeated_is_told_as_such() -> None:
    result = ran("--from", str(toy_world.WAVERS), "--seeds", "1")
    assert result.exit_code == 1
    assert "NOT REPEATED" in result.output


@pytest.mark.parametrize("option", [["--quiet"], ["--tail", "3"], ["--only", "kill@1"], ["--all"]])
def test_options_of_a_replay_without_one_are_refused(option: list[str]) -> None:
    assert ran("--seeds", "1", *option).exit_code == 2


# --- the story ---------------------------------------------------------------------------------------------


def test_a_message_is_said_in_one_line() -> None:
    addresses = GridAddresses("SOL/USDT", is_journalled=True)
    owner = Owner("SOL/USDT", "7", 7, addresses.level("7"))
    wish = PlaceOrder(owner, 3, Side.BUY, Kind.LIMIT, Decimal("163.20"), Decimal("1E-2"), "")
    order = SubmitOrder("ga12345678k3j2h1-7-3b0", wish.side, wish.kind, wish.price, wish.quantity)
    assert words(RecordIntent(order, wish)) == (
        "RecordIntent order=(SubmitOrder client_order_id=…7-3b0 side=buy kind=limit price=163.2 quantity=0.01) "
        "wish=(PlaceOrder owner=level/7 cycle=3 side=buy kind=limit price=163.2 quantity=0.01 attempt=0)"
    )


def line(same: str, time: float = 0.0) -> Line:
    return Line(time, same, same)


def test_what_repeats_is_told_once_and_counted() -> None:
    written = [line(same) for same in ("a", *("poll", "answer") * 15, "b", "tick", "tick", "tick", "c", "c")]
    told = [one.text.strip() for one in folded(written)]
    assert told == [
        "a",
        "poll",
        "answer",
        "… 14 times more these 2, until 0.000",
        "b",
        "tick",
        "… 2 times more this, until 0.000",
        "c",
        "c",
    ]


def test_what_only_looks_and_sees_nothing_new_is_left_out() -> None:
    order = OrderFilled("name-7-3b0", "1", Decimal(100), Decimal(1), Decimal(0), "USDT", 1)
    said = [OrdersUnobserved(), PriceMoved(1, Decimal(100)), CatchUp("3")]
    again = [evolve(message, time=2) if isinstance(message, PriceMoved) else message for message in said]
    messages = [*said, *again, order, *again, order, *again, PriceMoved(3, Decimal(101)), *said]
    told = [toy_world.ToyTold(0.0, "a", "b", message) for message in messages]
    names = [one.text.split()[4] if "→" in one.text else one.text.strip()[:9] for one in folded(lines(told, None))]
    few = "… 3 lines"
    assert names == [
        *("OrdersUnobserved", "PriceMoved", "CatchUp", few, "OrderFilled", few, "OrderFilled", few),
        *("PriceMoved", "OrdersUnobserved", "PriceMoved", "CatchUp"),
    ]


def test_a_long_story_is_cut_around_the_violation() -> None:
    written = [line(str(second), second) for second in range(1000)]
    told = cut(written, 80, 500.0)
    assert len(told) == 82
    assert any(one.text == "500" for one in told)
    assert (told[0].text.strip(), told[-1].text.strip()) == ("… 431 lines before", "… 489 lines after")


def test_the_violation_stands_where_it_happened() -> None:
    told = [toy_world.ToyTold(second, "a", "b", "x") for second in range(5)]
    failure = Failure(1, "a law", "broken", 2.5, ())
    assert [one.text.split()[0] for one in lines(told, failure)] == [
        "0.000",
        "1.000",
        "2.000",
        "2.500",
        "3.000",
        "4.000",
    ]


# --- many worlds -------------------------------------------------------------------------------------------


def figures_of(wanted: Wanted) -> tuple[Figures, list[Failure]]:
    figures, failures = Figures(), list[Failure]()

    def take(report: Report) -> None:
        figures.add(report.figures)
        failures.extend(report.failures)

    run(wanted, take)
    return figures, failures


def test_what_processes_count_adds_up_to_what_one_counts() -> None:
    alone = Figures()
    for seed in range(100, 400):
        alone.count(toy_world.live(seed))
    together, failures = figures_of(Wanted(100, 300, None, 3, keep_going=False, world=TOY))
    assert evolve(together, busy=0.0) == alone
    assert failures == []
    assert together.busy > 0


def test_many_go_on_after_a_violation_only_when_told_to() -> None:
    first = toy_world.BROKEN - 10
    stopped, failures = figures_of(Wanted(first, 1000, None, 1, keep_going=False, world=TOY))
    assert (stopped.worlds, stopped.failures, [failure.seed for failure in failures]) == (11, 1, [toy_world.BROKEN])
    went_on, failures = figures_of(Wanted(first, 1500, None, 2, keep_going=True, world=TOY))
    assert (went_on.worlds, sorted(failure.law for failure in failures)) == (1500, ["no WithFaults", "two do not meet"])


def test_time_ends_a_run_without_a_number() -> None:
    figures, _ = figures_of(Wanted(toy_world.SLEEPS, None, 1.0, 1, keep_going=False, world=TOY))
    assert 0 < figures.worlds < 60


def test_what_a_world_prints_is_no_report() -> None:
    figures, _ = figures_of(Wanted(toy_world.CHATTERS, 2, None, 1, keep_going=False, world=TOY))
    assert figures.worlds == 2


def test_a_worker_that_dies_is_told_with_its_seeds() -> None:
    with pytest.raises(WorkerDied, match=f"ended with 7, at seeds {toy_world.DIES} to {toy_world.DIES}"):
        figures_of(Wanted(toy_world.DIES, 1, None, 1, keep_going=False, world=TOY))
    assert ran("--from", str(toy_world.DIES), "--seeds", "1").exit_code == 1


def test_a_module_that_cannot_be_imported_is_told() -> None:
    with pytest.raises(WorkerDied, match="No module named 'no_such_world'"):
        figures_of(Wanted(1, 1, None, 1, keep_going=False, world="no_such_world"))


def test_all_is_written_as_json(tmp_path: Path) -> None:
    path = tmp_path / "worlds.json"
    assert ran("--from", "1", "--seeds", "50", "--json", str(path)).exit_code == 0
    written = json.loads(path.read_text())
    assert (written["first_seed"], written["worlds"], written["messages"]) == (1, 50, 5000)
    assert written["worlds_with"]["disorder"] == 50
    assert written["reached"]["level: READY -> WAITING"] == 100


def test_what_was_expected_and_not_reached_is_missed() -> None:
    level, order = grouped({"level: a": 3, "order: b": 1}, {"level: a", "level: c"})
    assert (level.name, level.counts, level.missed) == ("level", (("a", 3), ("c", 0)), ("c",))
    assert order.missed == ()


@pytest.fixture
def long_run() -> Iterator[subprocess.Popen[str]]:
    """Give a run without end that has processes at work."""
    first = str(toy_world.SLEEPS)
    command = [sys.executable, "-m", "tests.simulation.many", "--world", TOY, "--from", first, "--for", "100"]
    process = subprocess.Popen(  # noqa: S603 this program itself
        [*command, "--workers", "2"], cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(f"seeds from {first}")
        yield process
    finally:
        process.kill()
        process.communicate()


def workers_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Wait until both workers are there."""
    while len(children := psutil.Process(process.pid).children()) < 2:
        os.sched_yield()
    return children


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def are_gone(processes: list[psutil.Process], within: float) -> bool:
    """Wait until processes have ended; one whose parent has gone too may be left for others to bury."""
    until = time.monotonic() + within
    while any(map(is_alive, processes)):
        if time.monotonic() > until:
            return False
        os.sched_yield()
    return True


def test_ctrl_c_ends_a_run_at_once_with_its_figures(long_run: subprocess.Popen[str]) -> None:
    workers = workers_of(long_run)
    long_run.send_signal(signal.SIGINT)
    said, complained = long_run.communicate(timeout=10)
    assert long_run.returncode == INTERRUPTED
    assert "worlds a minute" in said
    assert said.endswith("interrupted\n")
    assert "Traceback" not in said + complained
    assert are_gone(workers, within=1.0)


def test_workers_end_when_who_started_them_is_killed(long_run: subprocess.Popen[str]) -> None:
    workers = workers_of(long_run)
    long_run.kill()
    assert are_gone(workers, within=10.0)


# --- mutants -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_every_mutant_applies_to_the_code_and_compiles(mutant: Mutant) -> None:
    text = (HERE / mutant.file).read_text(encoding="utf-8")
    assert text.count(mutant.old) == 1
    changed = text.replace(mutant.old, mutant.new)
    assert compile(changed, mutant.file, "exec") != compile(text, mutant.file, "exec")


def test_mutants_have_names_of_their_own() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("engine/x.py", "a = 3", "a = 4"),
        ("engine/x.py", "a", "b"),
        ("engine/y.py", "a", "b"),
        ("engine/x.py", "b", "b"),
    ],
    ids=["absent", "twice", "no file", "no change"],
)
def test_a_mutant_that_does_not_apply_is_refused(tmp_path: Path, file: str, old: str, new: str) -> None:
    (tmp_path / "engine").mkdir()
    (tmp_path / "engine/x.py").write_text("a = 1\na = b\n")
    with pytest.raises(DoesNotApply):
        prepare(Mutant("m", file, old, new), tmp_path / "copy", tmp_path)


def test_mutants_are_caught_or_survive_or_do_not_run_and_the_code_as_it_is_does(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(HERE)
    result = ran("--list", TOY, "--seeds", "5", command=mutants.main)
    rows = [line.split(" | ") for line in result.output.splitlines() if line.startswith("| ")][1:]
    assert [row[2] for row in rows] == ["3 worlds", "**survives**", "does not run", "does not run"]
    assert rows[0][3] == "money is written plainly |"
    assert "SyntaxError" in rows[3][3]
    assert "the code as it is: 5 worlds without a violation" in result.output
    assert result.exit_code == 1
    assert capfd.readouterr().out == ""


def test_all_mutants_caught_is_success() -> None:
    result = ran("--list", TOY, "--only", toy_world.CAUGHT.name, command=mutants.main)
    assert (result.exit_code, "1 of 1 were seen, at most after 3 worlds" in result.output) == (0, True)


def test_the_copy_is_what_runs(tmp_path: Path) -> None:
    prepare(toy_world.CAUGHT, tmp_path)
    with Worker(TOY, tmp_path) as worker:
        worker.live(range(3, 4), keep_going=False)
        while not (reports := worker.reports()):
            pass
        assert worker.code == tmp_path / "engine/__init__.py"
        assert reports[0].failures[0].law == "money is written plainly"
