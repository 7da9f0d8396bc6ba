"""From what a journal has written to sentences for people."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from attrs import frozen

from engine.grid_manager import OWN_SLOT
from engine.journal.rows import EventRow
from engine.messages.alerting import AlertKind, EventsTold
from engine.messages.reports import TradeBooked
from engine.notifying.letters import Alert
from engine.plain import ending, moment, plain
from engine.values import Kind, Market, Side

_MOST_ORDERS = 10_000  # that are remembered: as many as a ladder can have
_EXITS: Mapping[str, AlertKind] = MappingProxyType(
    {
        "take_profit": AlertKind.TAKE_PROFIT,
        "stop_loss": AlertKind.STOP_LOSS,
        "trailing_stop_loss": AlertKind.STOP_LOSS,
    }
)

Details = Mapping[str, str]


@frozen
class _Order:
    """Remember what an order is for: it is said when the order is written down, and not again."""

    side: str
    kind: str
    price: str
    quantity: str
    slot: str | None


class Narrator:
    """Tell one grid's events, oldest first; what is nobody's business is left out."""

    def __init__(self, grid: str, market: Market) -> None:
        """Begin without an order: those that were placed earlier are told without figures."""
        self._grid = grid
        self._market = market
        self._orders: dict[str, _Order] = {}

    def alerts(self, told: EventsTold) -> list[Alert]:
        """Tell events and trades, each trade once, where its event stands."""
        trades = {trade.trade_id: trade for trade in told.trades}
        alerts: list[Alert] = []
        for row in told.events:
            if row.kind == "trade_booked":
                trade = trades.pop(dict(row.details).get("trade_id", ""), None)
                alert = None if trade is None else self._filled(trade)
            else:
                alert = self._told(row)
            if alert is not None:
                alerts.append(alert)
        return alerts + [self._filled(trade) for trade in trades.values()]

    def _told(self, row: EventRow) -> Alert | None:
        details = dict(row.details)
        match row.kind:
            case "order_intended":
                self._remember(row, details)
                return None
            case "order_accepted":
                order = self._orders.get(row.client_order_id or "")
                return self._alert(AlertKind.ORDER_PLACED, f"placed {self._order(order, row.slot)}")
            case "order_ended":
                return self._ended(row, details)
            case "liquidation_begun" | "grid_stopped":
                return self._leaving(row.kind, details)
            case "balances_differed":
                is_drift = "before, by nothing that the grid did" in details.get("text", "")
                kind = AlertKind.DRIFT if is_drift else AlertKind.MISMATCH
                return self._alert(kind, details.get("text", "the account and the grid differ"))
            case "grid_recovered":
                still, live = details.get("open", "?"), details.get("orders", "?")
                text = f"goes on from what was written down: {still} of {live} orders that were live still are"
                return self._alert(AlertKind.RECOVERY, text)
            case "grid_armed" | "grid_paused" | "grid_resumed":
                return self._alert(AlertKind.GRID_STATE, self._state(row.kind, details))
            case _:
                return None

    def _remember(self, row: EventRow, details: Details) -> None:
        side, kind = details.get("side", "order"), details.get("kind", Kind.LIMIT)
        while len(self._orders) >= _MOST_ORDERS:
            del self._orders[next(iter(self._orders))]
        name = row.client_order_id or ""
        self._orders[name] = _Order(side, kind, details.get("price", "?"), details.get("quantity", "?"), row.slot)

    def _filled(self, trade: TradeBooked) -> Alert:
        market = self._market
        verb = "bought" if trade.side is Side.BUY else "sold"
        if trade.kind is Kind.MARKET:
            verb = f"initial purchase: {verb}" if trade.side is Side.BUY else f"sale of what it held: {verb}"
        part = "" if trade.complete else ", a part of its order"
        where = _level(trade.owner.slot)
        fee = f", fee {plain(trade.fee)} {trade.fee_asset}" if trade.fee else ""
        amount = f"{plain(trade.quantity)} {market.base} at {plain(trade.price)} {market.quote}"
        if trade.complete:
            self._orders.pop(trade.client_order_id, None)
        return self._alert(AlertKind.ORDER_FILLED, f"{verb} {amount}{where}{part}{fee}", trade.side)

    def _ended(self, row: EventRow, details: Details) -> Alert:
        order = self._orders.pop(row.client_order_id or "", None)
        name = self._order(order, row.slot, details.get("side", "order"))
        filled = details.get("filled", "0")
        some = f", {filled} {self._market.base} of it filled" if Decimal(filled) else ""
        why = f": {details['text']}" if "text" in details else ""
        if (refusal := details.get("refusal")) is not None:
            return self._alert(AlertKind.ORDER_FAILED, f"{name} was refused ({refusal}){some}{why}")
        return self._alert(AlertKind.ORDER_CANCELLED, f"{name} was cancelled or has expired{some}{why}")

    def _leaving(self, event: str, details: Details) -> Alert:
        reason = details.get("reason", "?")
        kind = _EXITS.get(reason, AlertKind.GRID_STATE)
        if event == "grid_stopped":
            return self._alert(kind, f"stopped by {ending(reason)}, {self._holdings(details)}")
        price = f"{details.get('price', '?')} {self._market.quote}"
        return self._alert(kind, f"{ending(reason)} at {price}: all orders are taken down and what it holds is sold")

    def _amount(self, quantity: str) -> str:
        """Round to the market's step, as orders are."""
        return quantity if quantity == "?" else plain(self._market.floor_amount(Decimal(quantity)))

    def _state(self, event: str, details: Details) -> str:
        base, quote = self._market.base, self._market.quote
        if event == "grid_armed":
            size = f"{details.get('levels', '?')} levels of {self._amount(details.get('unit', '?'))} {base}"
            return f"armed at {details.get('price', '?')} {quote} with {size}"
        reason = ending(details.get("reason", "?"))
        if event == "grid_resumed":
            return f"goes on ({reason})"
        until = details.get("until")
        end = f"until {moment(int(until))}" if until is not None else "until somebody resumes it"
        return f"paused {end} ({reason}), {self._holdings(details)}"

    def _holdings(self, details: Details) -> str:
        quote = f"{details.get('quote', '?')} {self._market.quote}"
        return f"holds {quote} and {details.get('base', '?')} {self._market.base}"

    def _order(self, order: _Order | None, slot: str | None, side: str = "order") -> str:
        """Name an order with its figures, or by its level alone if it was placed before this began."""
        if order is None:
            return f"{'an' if side == 'order' else 'a'} {side}{_level(slot)}"
        price = "at market" if order.kind == Kind.MARKET else f"at {order.price} {self._market.quote}"
        return f"a {order.side} of {order.quantity} {self._market.base} {price}{_level(order.slot)}"

    def _alert(self, kind: AlertKind, text: str, side: Side | None = None) -> Alert:
        return Alert(kind, f"{self._grid}: {text}", side)


def _level(slot: str | None) -> str:
    return "" if slot in (None, OWN_SLOT) else f" (level {slot})"
