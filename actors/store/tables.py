"""The tables, as the newest version of the schema has them.

Decimals are text, exactly as they were; times are epoch milliseconds UTC. Rows are told apart by the grid that they are
of; ids grow in the order of writing. Keys are short enough for an index of any database.
"""

from __future__ import annotations

from typing import Final

from peewee import (
    BigAutoField,
    BigIntegerField,
    BooleanField,
    CharField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)

KEY_LENGTH: Final = 128


class Schema(Model):
    """Say in one row which version of the schema this is."""

    id = IntegerField(primary_key=True)
    version = IntegerField()

    class Meta:
        """Name the table."""

        table_name = "schema"


class Grids(Model):
    """Hold one grid, and where it stands in its life once `began_at` is known.

    `archived` is 0 for the one that goes on, else its own id: so that one goes on. `writer` is the store that may
    write, `writes` counts what it wrote.
    """

    id = BigAutoField()
    fingerprint = CharField(KEY_LENGTH)
    pair = CharField(KEY_LENGTH)
    exchange = CharField(KEY_LENGTH * 2)
    mode = CharField(KEY_LENGTH)
    archived = BigIntegerField()
    source = TextField()
    name = TextField()
    writer = CharField(KEY_LENGTH)
    writes = BigIntegerField()
    began_at = BigIntegerField(null=True)
    archived_at = BigIntegerField(null=True)
    archive_reason = TextField(null=True)
    capital_quote = TextField(null=True)
    capital_base = TextField(null=True)
    run = TextField(null=True)
    armed_at = BigIntegerField(null=True)
    purchased = TextField(null=True)
    initial_purchase_done = BooleanField(null=True)
    grid_orders_initialized = BooleanField(null=True)
    market_orders = IntegerField(null=True)
    caught_up = TextField(null=True)
    newest_trade = TextField(null=True)
    liquidation = TextField(null=True)
    liquidation_price = TextField(null=True)
    stop_reason = TextField(null=True)
    last_price = TextField(null=True)
    amount_step = TextField(null=True)
    sell_ratio = TextField(null=True)
    pause_reason = TextField(null=True)
    paused_until = BigIntegerField(null=True)

    class Meta:
        """Let one grid of a kind go on."""

        table_name = "grids"
        indexes = ((("fingerprint", "pair", "exchange", "mode", "archived"), True),)


class Plans(Model):
    """Hold the plan that a grid armed with, apart: it is long and written once."""

    id = BigAutoField()
    grid = ForeignKeyField(Grids, column_name="grid", index=False)
    plan = TextField(null=True)

    class Meta:
        """Let a grid have one plan."""

        table_name = "plans"
        indexes = ((("grid",), True),)


class Balances(Model):
    """Hold what a grid has of one asset."""

    id = BigAutoField()
    grid = ForeignKeyField(Grids, column_name="grid", index=False)
    asset = CharField(KEY_LENGTH)
    free = TextField()
    reserved = TextField()
    fees_paid = TextField()

    class Meta:
        """Let a grid have one balance of an asset."""

        table_name = "balances"
        indexes = ((("grid", "asset"), True),)


class Orders(Model):
    """Hold one order."""

    id = BigAutoField()
    grid = ForeignKeyField(Grids, column_name="grid", index=False)
    client_order_id = CharField(KEY_LENGTH)
    order_id = TextField()
    slot = TextField()
    level = IntegerField(null=True)
    cycle = BigIntegerField()
    attempt = BigIntegerField()
    side = TextField()
    kind = TextField()
    price = TextField()
    quantity = TextField()
    answers = TextField()
    reserved = TextField()
    brought_in = TextField()
    filled = TextField()
    state = CharField(KEY_LENGTH)
    placed_at = BigIntegerField()
    ended_at = BigIntegerField(null=True)
    text = TextField()

    class Meta:
        """Let a client order id be used once; find live orders among many."""

        table_name = "orders"
        indexes = ((("grid", "client_order_id"), True), (("grid", "state"), False))


class Levels(Model):
    """Hold one level; what it knows of its sides is JSON."""

    id = BigAutoField()
    grid = ForeignKeyField(Grids, column_name="grid", index=False)
    slot = CharField(KEY_LENGTH)
    state = TextField()
    latest = TextField()
    cycle = BigIntegerField()
    kept_of_buy = TextField()
    buying = TextField()
    selling = TextField()

    class Meta:
        """Let a slot have one level."""

        table_name = "levels"
        indexes = ((("grid", "slot"), True),)


class Trades(Model):
    """Hold one trade, in the order of booking."""

    id = BigAutoField()
    grid = ForeignKeyField(Grids, column_name="grid", index=False)
    client_order_id = CharField(KEY_LENGTH)
    trade_id = CharField(KEY_LENGTH)
    order_id = TextField()
    slot = TextField()
    level = IntegerField(null=True)
    time = BigIntegerField()
    side = TextField()
    kind = TextField()
    price = TextField()
    quantity = TextField()
    fee = TextField()
    fee_asset = TextField()
    complete = BooleanField()

    class Meta:
        """Let a trade count once for each of the orders that met in it: both may be the grid's own."""

        table_name = "trades"
        indexes = ((("grid", "client_order_id", "trade_id"), True),)


class Events(Model):
    """Hold one event; `number` counts those of a grid from 0, `details` is JSON."""

    id = BigAutoField()
    grid = ForeignKeyField(Grids, column_name="grid", index=False)
    number = BigIntegerField()
    time = BigIntegerField()
    kind = TextField()
    slot = TextField(null=True)
    client_order_id = TextField(null=True)
    details = TextField()

    class Meta:
        """Let an event be told once."""

        table_name = "events"
        indexes = ((("grid", "number"), True),)


TABLES: Final[tuple[type[Model], ...]] = (Schema, Grids, Plans, Balances, Orders, Levels, Trades, Events)
