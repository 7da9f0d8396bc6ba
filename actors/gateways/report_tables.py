"""Write what a report says in words and figures, as HTML: headings, cards, metrics, trades, the comparison."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from html import escape

from actors.gateways import report_words as words
from engine.messages import TradeBooked
from engine.results import GridRun

MOST_TRADES = 400
_FEW_TRADES = 20  # shown without being asked for


def headline(run: GridRun) -> str:
    """Write what was run, and what is special about how it went."""
    result, settings = run.result, run.settings
    told = (
        words.period(result),
        f"{settings.trading_settings.timeframe} candles",
        words.grid(run),
        f"{words.percent(settings.exchange.trading_fee * 100)} fee",
        result.mode.replace("_", " "),
    )
    facts = "".join(f"<li>{escape(fact)}</li>" for fact in told)
    mood = " loud" if not result.armed or result.stop_reason else ""
    outcome = " ".join(words.outcome(run))
    return (
        f'<header><p class="eyebrow">{escape(settings.name)}</p><h1>{escape(result.pair)}</h1>'
        f'<ul class="facts">{facts}</ul>'
        + (f'<p class="outcome{mood}">{escape(outcome)}</p>' if outcome else "")
        + "</header>"
    )


def cards(run: GridRun) -> str:
    """Write the big figures."""
    result, money = run.result, words.money_of(run)
    ahead = result.roi_percent - result.buy_and_hold_percent
    lead = f"{words.digits(abs(ahead), 2)} points {'ahead of' if ahead >= 0 else 'behind'} buy and hold"
    each = result.grid_profit / result.cycles if result.cycles else Decimal(0)
    shown = (
        ("Return", words.percent_change(result.roi_percent), result.roi_percent,
         f"{lead}, which made {words.percent_change(result.buy_and_hold_percent)}"),
        ("Final value", money.plain(result.final_value), None,
         f"{money.currency}, from {money.plain(result.initial_value)}"),
        ("Grid profit", words.signed(result.grid_profit, money.plain(result.grid_profit)), result.grid_profit,
         f"{money.currency}, fees taken off"),
        ("Unrealised", words.signed(result.unrealized_profit, money.plain(result.unrealized_profit)),
         result.unrealized_profit, f"{money.currency}, on what is still held"),
        ("Max drawdown", words.percent(-abs(result.max_drawdown_percent)), -abs(result.max_drawdown_percent),
         "deepest fall from a high"),
        ("Fees", money.plain(result.total_fees), None,
         f"{money.currency}, on {words.count(result.buys + result.sells, 'trade')}"),
        ("Cycles", f"{result.cycles:,}", None,
         f"{money.change(each)} each on average" if result.cycles else "bought and sold again"),
    )  # fmt: skip
    return '<div class="cards">' + "".join(_card(*card) for card in shown) + "</div>"


def metrics(run: GridRun) -> str:
    """Write the remaining figures, each with what it means."""
    result, money = run.result, words.money_of(run)
    base = f"{words.amount(result.final_base)} {run.settings.pair.base_currency}"
    rows = (
        ("Start value", money.full(result.initial_value), "What the grid had before it bought anything."),
        ("Cash at the end", money.full(result.final_quote), "Free, or reserved by open buy orders."),
        ("Coins at the end", base, "Held, or reserved by open sell orders; part of the final value."),
        *_final_sale(run, money),
        *_other_fees(run, money),
        ("Buys", f"{result.buys:,}", "Trades that bought, the initial purchase included."),
        ("Sells", f"{result.sells:,}", "Trades that sold, a final sale included."),
        ("Orders still open", f"{result.open_orders:,}", "Resting in the book when the run ended."),
        ("Levels waiting", f"{result.waiting_levels:,}", "Levels whose next order could not be funded."),
        ("Max run-up", words.percent_change(result.max_runup_percent), "Highest climb from a low."),
        ("Time in profit", words.percent(result.time_in_profit_percent), "Share of candles above the start value."),
        ("Time in loss", words.percent(result.time_in_loss_percent), "Share of candles below the start value."),
        ("Sharpe ratio", _ratio(result.sharpe), "Yearly return over 3 %, per unit of its swings. Above 1 is good."),
        ("Sortino ratio", _ratio(result.sortino), "The same, counting only the swings downward."),
    )
    cells = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd><dd class=note>{escape(meaning)}</dd></div>"
        for name, value, meaning in rows
    )
    return f'<dl class="metrics">{cells}</dl>'


def trades(run: GridRun) -> str:
    """List the trades, of many the first and the last, oldest first."""
    booked = run.result.trades
    if not booked:
        return "<p class=note>No trade was made.</p>"
    money = words.money_of(run)
    heads = ("time (UTC)", "side", "kind", "level", "price", "quantity", "value", "fee")
    head = "".join(f"<th>{name}</th>" for name in heads)
    unfolded = " open" if len(booked) <= _FEW_TRADES else ""
    if len(booked) <= MOST_TRADES:
        body, note = _trade_rows(booked, money), ""
    else:
        half = MOST_TRADES // 2
        skipped = f'<tr class="skip"><td colspan="{len(heads)}">{len(booked) - 2 * half:,} more trades</td></tr>'
        body = _trade_rows(booked[:half], money) + skipped + _trade_rows(booked[-half:], money)
        note = (
            f'<p class="note">The first {half} and the last {half} of {len(booked):,} trades. '
            "All of them are in the results file, written with --results.</p>"
        )
    return (
        f"<details{unfolded}><summary>{words.count(len(booked), 'trade')}</summary>{note}"
        f'<div class="scroll tall"><table class="trades"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
        "</div></details>"
    )


def comparison(runs: Sequence[GridRun]) -> str:
    """Put several grids side by side, a row for each."""
    heads = (
        "grid", "return", "buy and hold", "grid profit", "unrealised", "max drawdown", "fees", "cycles", "final value",
    )  # fmt: skip
    head = "".join(f"<th>{name}</th>" for name in heads)
    body = "".join(_compared(index, run) for index, run in enumerate(runs, 1))
    return (
        f'<div class="scroll"><table class="compared"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _card(name: str, figure: str, judged: Decimal | None, note: str) -> str:
    mood = "" if judged is None else f" {words.tone(judged)}"
    return (
        f'<div class="card"><p class="name">{escape(name)}</p><p class="figure{mood}">{escape(figure)}</p>'
        f'<p class="note">{escape(note)}</p></div>'
    )


def _compared(index: int, run: GridRun) -> str:
    result, money = run.result, words.money_of(run)
    cells = (
        _judged(words.percent_change(result.roi_percent), result.roi_percent),
        _judged(words.percent_change(result.buy_and_hold_percent), result.buy_and_hold_percent),
        *(
            _judged(words.signed(gained, money.plain(gained)), gained)
            for gained in (result.grid_profit, result.unrealized_profit)
        ),
        f"<td>{words.percent(-abs(result.max_drawdown_percent))}</td>",
        f"<td>{money.plain(result.total_fees)}</td>",
        f"<td>{result.cycles:,}</td>",
        f"<td>{escape(money.full(result.final_value))}</td>",
    )
    pair = "" if result.pair in run.name else f"{result.pair}, "
    about = f"{pair}{words.grid(run)}{'' if result.armed else '; never armed'}"
    return (
        f'<tr><th scope="row"><a href="#grid-{index}">{escape(run.name)}</a>'
        f'<span class="note">{escape(about)}</span></th>{"".join(cells)}</tr>'
    )


def _judged(text: str, value: Decimal) -> str:
    return f'<td class="{words.tone(value)}">{text}</td>'


def _trade_rows(booked: Iterable[TradeBooked], money: words.Money) -> str:
    return "".join(
        f'<tr><td>{words.second(trade.time)}</td><td class="{trade.side.value}">{trade.side.value}</td>'
        f"<td>{trade.kind.value}</td><td>{'' if trade.owner.level is None else trade.owner.level}</td>"
        f"<td>{words.price(trade.price)}</td><td>{words.amount(trade.quantity)}</td>"
        f"<td>{money.plain(trade.price * trade.quantity)}</td>"
        f"<td>{words.amount(trade.fee)} {escape(trade.fee_asset)}</td></tr>"
        for trade in booked
    )


def _final_sale(run: GridRun, money: words.Money) -> list[tuple[str, str, str]]:
    """Tell what is neither grid profit nor unrealised: what selling everything brought, against its cost."""
    result = run.result
    if words.stopped_at(result) is None:
        return []
    made = result.final_value - result.initial_value - result.grid_profit - result.unrealized_profit
    return [("Final sale", money.change(made), "What selling everything at the stop made, against what it had cost.")]


def _other_fees(run: GridRun, money: words.Money) -> list[tuple[str, str, str]]:
    """Tell the fees that no other figure holds, since nobody knows for sure what they were worth."""
    return [
        (
            f"Fees in {fees.asset}",
            f"{words.amount(fees.amount)} {fees.asset}",
            "Paid apart, and taken off no other figure here"
            + ("." if fees.value is None else f"; worth {money.full(fees.value)} at the end."),
        )
        for fees in run.result.other_fees
    ]


def _ratio(value: Decimal | None) -> str:
    return "undefined" if value is None else words.digits(value, 2)
