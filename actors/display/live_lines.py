"""The live run where there is no terminal: a line for each thing that happens, and how it stands now and then."""

from __future__ import annotations

from collections.abc import Callable

from attrs import define

from actors.display.live_figures import reason, span
from engine.live_view import LiveGrid, LiveView, Standing
from engine.messages import TradeBooked
from engine.plain import moment, plain, rounded
from engine.values import Kind, Side

STATUS_EVERY = 60_000  # ms


@define
class _Told:
    """Remember what was said of one grid."""

    trades: int = 0
    armed: bool = False
    trouble: str | None = None
    stopped: bool = False
    standing: Standing | None = None


class LiveLines:
    """Tell what is new in each view, each line whole and with its time."""

    def __init__(self, write: Callable[[str], None], status_every: int = STATUS_EVERY, door: str | None = None) -> None:
        """Hand each line to `write`; tell the status every `status_every` ms, and first of all where the `door` is."""
        self._door = door
        self._write, self._status_every = write, status_every
        self._told: dict[str, _Told] = {}
        self._last_status: int | None = None
        self._is_stopping = False

    def show(self, view: LiveView) -> None:
        """Write what happened since the last view; the first one tells how it stands, not how it came to."""
        if self._door is not None:
            self._write(f"dashboard: {self._door} (`gridactors dashboard` logs you in)")
            self._door = None
        for grid in view.grids:
            if (told := self._told.get(grid.name)) is None:
                self._told[grid.name] = _Told(
                    grid.tally.trades,
                    grid.armed_at is not None,
                    grid.feed_trouble,
                    grid.stop_reason is not None,
                    grid.standing,
                )
            else:
                self._tell(grid, told, view.time)
        if view.is_stopping and not self._is_stopping:
            self._is_stopping = True
            self._write(f"{moment(view.time // 1000 * 1000)} stopping: orders are taken down")
        if self._last_status is None or view.time - self._last_status >= self._status_every:
            self._last_status = view.time
            for grid in view.grids:
                self._say(view.time, grid, _status(grid, view.time - view.started_at))

    def _tell(self, grid: LiveGrid, told: _Told, now: int) -> None:
        if grid.armed_at is not None and not told.armed:
            told.armed = True
            self._say(grid.armed_at, grid, "armed")
        new = grid.tally.trades - told.trades
        for trade in grid.trades[-new:] if new > 0 else ():
            self._say(trade.time, grid, _fill(trade, grid))
        told.trades = grid.tally.trades
        if grid.feed_trouble != told.trouble:
            told.trouble = grid.feed_trouble
            self._say(now, grid, f"prices: {grid.feed_trouble or 'fine again'}")
        if grid.stop_reason is not None and not told.stopped:
            self._say(now, grid, f"stopped: {reason(grid.stop_reason)}; {_profits(grid)}")
        told.stopped = grid.stop_reason is not None
        if grid.standing is not told.standing:
            self._tell_rest(grid, told.standing, now)
            told.standing = grid.standing

    def _tell_rest(self, grid: LiveGrid, before: Standing | None, now: int) -> None:
        if grid.standing is Standing.PAUSED:
            self._say(now, grid, _pause(grid))
        elif grid.standing is Standing.RUNNING and before in (Standing.PAUSING, Standing.PAUSED, Standing.STOPPED):
            self._say(now, grid, f"running again, {_count(len(grid.orders), 'order')} open")

    def _say(self, time: int, grid: LiveGrid, text: str) -> None:
        self._write(f"{moment(time // 1000 * 1000)} {grid.name}: {text}")


def _fill(trade: TradeBooked, grid: LiveGrid) -> str:
    verb = "bought" if trade.side is Side.BUY else "sold"
    where = "at market" if trade.kind is Kind.MARKET else f"level {trade.owner.slot}"
    part = "" if trade.complete else ", a part of its order"
    return (
        f"{verb} {plain(trade.quantity)} {grid.market.base} at {plain(trade.price)}, {where}{part}, "
        f"fee {plain(trade.fee)} {trade.fee_asset}"
    )


def _status(grid: LiveGrid, up: int) -> str:
    if grid.stop_reason is not None:
        return f"stopped: {reason(grid.stop_reason)}; {_profits(grid)}"
    if grid.standing is Standing.PAUSED:
        return f"{_pause(grid)}; {_profits(grid)}"
    price = "no price yet" if grid.price is None else f"price {plain(grid.price)}"
    trouble = f", prices: {grid.feed_trouble}" if grid.feed_trouble else ""
    if grid.armed_at is None:
        return f"{price}, not armed: waits for {plain(grid.bottom)} to {plain(grid.top)}, up {span(up)}{trouble}"
    empty = sum(rung.why is not None for rung in grid.rungs)
    waiting = f" and {_count(empty, 'level')} without one" if empty else ""
    return f"{price}, {_profits(grid)}, {_count(len(grid.orders), 'order')} open{waiting}, up {span(up)}{trouble}"


def _pause(grid: LiveGrid) -> str:
    assert grid.pause is not None, "a grid that is paused knows why"
    until = "" if grid.pause.until is None else f" until {moment(grid.pause.until // 1000 * 1000)}"
    return f"paused{until}: {grid.pause.reason}; no order is open"


def _profits(grid: LiveGrid) -> str:
    others = "".join(f" and {plain(amount)} {asset}" for asset, amount in grid.other_fees)
    return (
        f"grid profit {rounded(grid.grid_profit)} {grid.market.quote} in {_count(grid.cycles, 'cycle')}, "
        f"unrealised {rounded(grid.unrealized_profit)}, fees {rounded(grid.total_fees)}{others}, "
        f"value {rounded(grid.value)}"
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
