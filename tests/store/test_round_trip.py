"""Whatever rows hold comes back exactly, to the last zero of a decimal."""

from __future__ import annotations

from decimal import Decimal
from itertools import count
from operator import attrgetter
from typing import Any, get_type_hints

from attrs import evolve, fields_dict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actors.store import read_history
from engine.grid import Plan, PlannedLevel
from engine.journal.rows import BalanceRow, Batch, EventRow, GridRow, HalfRow, LevelRow, OrderRow
from engine.messages import Owner, TradeBooked
from engine.orders import OrderState
from engine.values import Kind, Side
from tests.store.conftest import Databases
from tests.store.samples import KEY, owner

any_text = st.text(st.characters())  # what is kept as JSON may hold anything
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
ids = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=36)


def rows_of(kind: type[Any], **special: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Draw every field that there is, by its type, so that a new one is not forgotten."""
    hints = get_type_hints(kind)
    by_type = {name: OF_TYPE[hints[name]] for name in fields_dict(kind) if name not in special}
    return st.builds(kind, **by_type, **special)


def tuples_of(rows: st.SearchStrategy[Any], *key: str) -> st.SearchStrategy[tuple[Any, ...]]:
    """Draw some rows, no two with the same key."""
    return st.lists(rows, unique_by=attrgetter(*key) if key else id, max_size=3).map(tuple)


OF_TYPE: dict[Any, st.SearchStrategy[Any]] = {
    Decimal: st.decimals(allow_nan=False, allow_infinity=False),
    int: st.integers(-(2**31), 2**31 - 1),
    int | None: st.none() | st.integers(-(2**31), 2**31 - 1),
    str: texts,
    str | None: st.none() | texts,
    bool: st.booleans(),
    Side: st.sampled_from(Side),
    Kind: st.sampled_from(Kind),
    OrderState: st.sampled_from(OrderState),
    Owner: st.sampled_from(("grid", "0", "7", "7b")).map(owner),
    tuple[Decimal, ...]: st.lists(st.decimals(allow_nan=False, allow_infinity=False)).map(tuple),
    tuple[tuple[str, str], ...]: st.lists(st.tuples(any_text, any_text)).map(tuple),
}
times = st.integers(-(2**63), 2**63 - 1)
plans = rows_of(Plan, levels=tuples_of(rows_of(PlannedLevel)))
halves = rows_of(HalfRow, answers=any_text, trouble=st.none() | any_text)
batches = st.builds(
    Batch,
    grid=rows_of(GridRow, plan=st.none() | plans, armed_at=st.none() | times),
    balances=tuples_of(rows_of(BalanceRow, asset=ids), "asset"),
    orders=tuples_of(rows_of(OrderRow, client_order_id=ids, placed_at=times), "client_order_id"),
    levels=tuples_of(rows_of(LevelRow, slot=ids, buying=halves, selling=halves), "slot"),
    trades=tuples_of(
        rows_of(TradeBooked, client_order_id=ids, trade_id=ids, time=times), "client_order_id", "trade_id"
    ),
    events=tuples_of(rows_of(EventRow, time=times)),
)
_numbers = count()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batch=batches)
def test_every_row_comes_back_as_it_was(database: Databases, batch: Batch) -> None:
    key = evolve(KEY, fingerprint=f"{next(_numbers)}")  # a grid of its own for each example
    store = database.open(key)
    store.write(batch)
    (found,) = read_history(database.place, key, None)
    told = Batch(
        grid=found.grid,
        balances=found.balances,
        orders=found.orders,
        levels=found.levels,
        trades=found.trades,
        events=found.events,
    )
    assert repr(told) == repr(batch)
    stored = store.load()
    assert stored is not None
    assert repr(stored.grid) == repr(batch.grid)
    store.close()
