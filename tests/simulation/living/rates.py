"""How often what goes wrong: not the same in any two worlds, and most things not at all in most."""

from __future__ import annotations

from random import Random

from tests.simulation.living import disk, network, owner, streams, weather

FRACTURED = 0.25  # of worlds in which levels have orders, or wishes that wait, on both sides
_PARTS = {
    "order fills in part": 0.3,
    "order expires": 0.05,
    "owner withdraws too much": 0.05,
    "owner cancels an order of the grid": 0.05,
    "slowness": 0.4,
}
_CALL, _NEWS, _TICK = 0.03, 0.05, 0.02  # once in so many calls, messages of a stream, ticks of the weather


def drawn_rates(random: Random) -> dict[str, float]:
    """Draw the rate of each kind."""
    usual = {
        **dict.fromkeys(network.FAULTS, _CALL),
        **{f"{name} {fault}": _NEWS for name in ("order stream", "price stream") for fault in streams.FAULTS},
        **dict.fromkeys(weather.FAULTS, _TICK),
        **dict.fromkeys(owner.FAULTS, _TICK),
        **dict.fromkeys(disk.FAULTS, 0.02),
        "database damaged": 0.001,
        "database lost": 0.1,
        "database put back": 0.1,
        "kill": 1e-3,
        "crash": 1e-3,
        "hang": 3e-4,
        "service fails": 0.1,
    }
    mischief = random.choice((0.1, 0.3, 0.6))  # the share of kinds that occur
    rates = {
        kind: rate * 2.0 ** random.uniform(-1.5, 2.0) if random.random() < mischief else 0.0
        for kind, rate in usual.items()
    }
    rates["disorder"] = 1.0 if random.random() < 0.7 else 0.0
    rates["slowness"] = random.choice((0.01, 0.1))
    rates["slow machine"] = 1.0 if random.random() < 0.5 else 0.0
    if random.random() < FRACTURED:
        rates.update(_PARTS)
    return rates
