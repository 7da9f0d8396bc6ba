"""From what was typed to a sandbox's options; whatever is wrong is told with its option, its value, and what may be."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

from attrs import frozen

from actors.sandbox.options import Pair, SandboxOptions
from actors.sandbox.script_files import read_script
from engine.errors import BadInput
from engine.values import SATOSHI, ZERO

DEFAULT_PAIR = "SOL/USDT"
DEFAULT_PRICE = Decimal(100)
_PAIR = re.compile(r"([A-Z0-9]{1,10})/([A-Z0-9]{1,10})")
_ASSET = re.compile(r"[A-Z0-9]{1,10}")
_LAST_PORT = 65_534  # the streams take the one after it
_LOWEST_PRICE, _HIGHEST_PRICE = Decimal("1e-6"), Decimal("1e9")
_WILDEST, _HIGHEST_FEE = Decimal(10), Decimal("0.5")
_SLOWEST, _FASTEST = Decimal("0.001"), Decimal(100_000)
_RICHEST = Decimal("1e15")


@frozen(kw_only=True)
class SandboxCommand:
    """Hold what the command line asks for, as it was typed; empty means the default, `seed` None a new one.

    The streams listen on the port after `port`; 0 lets the system choose both.
    """

    pairs: tuple[str, ...] = ()
    prices: tuple[str, ...] = ()
    seed: int | None = None
    volatility: str = "0.05"
    speed: str = "60"
    script: Path | None = None
    port: int = 0
    balances: tuple[str, ...] = ()
    fee: str = "0.001"


def sandbox_options(command: SandboxCommand) -> SandboxOptions:
    """Read what was typed; raises `BadInput`."""
    port = command.port
    if not 0 <= port <= _LAST_PORT:
        raise BadInput(f"--port = {port}: allowed are 1 to {_LAST_PORT}, or 0 for any")
    rate = _within("--fee", command.fee, ZERO, _HIGHEST_FEE, f"a rate from 0 to {_HIGHEST_FEE}")
    return SandboxOptions(
        pairs=_pairs(command.pairs or (DEFAULT_PAIR,), command.prices),
        seed=secrets.randbits(32) if command.seed is None else command.seed,
        volatility=_within("--volatility", command.volatility, ZERO, _WILDEST, f"a share from 0 to {_WILDEST}"),
        speed=_within("--speed", command.speed, _SLOWEST, _FASTEST, f"a number from {_SLOWEST} to {_FASTEST}"),
        script=() if command.script is None else tuple(read_script(command.script)),
        port=port,
        stream_port=port + 1 if port else 0,
        balances=_balances(command.balances) if command.balances else None,
        maker_fee=rate,
        taker_fee=rate,
    )


def _pairs(pairs: Sequence[str], prices: Sequence[str]) -> tuple[Pair, ...]:
    if prices and len(prices) != len(pairs):
        raise BadInput(f"--price: given {len(prices)} times for {len(pairs)} pairs; allowed: once for each, or never")
    texts: Sequence[str | None] = prices or [None] * len(pairs)
    read = tuple(_pair(pair, price) for pair, price in zip(pairs, texts, strict=True))
    symbols = [pair.symbol for pair in read]
    for pair in read:
        if symbols.count(pair.symbol) > 1:
            raise BadInput(f"--pair = '{pair.base}/{pair.quote}': given twice; allowed: each pair once")
    return read


def _pair(pair: str, price: str | None) -> Pair:
    found = _PAIR.fullmatch(pair.upper())
    if found is None or found[1] == found[2]:
        raise BadInput(f"--pair = {pair!r}: allowed are two assets such as SOL/USDT")
    if price is None:
        return Pair(found[1], found[2], DEFAULT_PRICE)
    allowed = f"a number from {_LOWEST_PRICE:f} to {_HIGHEST_PRICE:f}"
    return Pair(found[1], found[2], _within("--price", price, _LOWEST_PRICE, _HIGHEST_PRICE, allowed))


def _balances(balances: Sequence[str]) -> dict[str, Decimal]:
    read: dict[str, Decimal] = {}
    for balance in balances:
        asset, _, text = balance.partition("=")
        asset, amount = asset.upper(), _number(text)
        if not _ASSET.fullmatch(asset) or amount is None or not 0 <= amount <= _RICHEST or amount % SATOSHI:
            allowed = f"ASSET=AMOUNT such as USDT=1000, amounts from 0 to {_RICHEST:f} with up to 8 decimals"
            raise BadInput(f"--balance = {balance!r}: allowed is {allowed}")
        if asset in read:
            raise BadInput(f"--balance = {balance!r}: allowed is each asset once")
        read[asset] = amount
    return read


def _within(option: str, text: str, lowest: Decimal, highest: Decimal, allowed: str) -> Decimal:
    number = _number(text)
    if number is None or not lowest <= number <= highest:
        raise BadInput(f"{option} = {text!r}: allowed is {allowed}")
    return number


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
