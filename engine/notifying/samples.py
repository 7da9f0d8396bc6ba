"""One example of every kind of alert, to try services with."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.messages.alerting import AlertKind

SAMPLES: Mapping[AlertKind, str] = MappingProxyType(
    {
        AlertKind.ORDER_PLACED: "SOL/USDT: placed a buy of 2.943 SOL at 167.77 USDT (level 9)",
        AlertKind.ORDER_FILLED: "SOL/USDT: bought 2.943 SOL at 167.77 USDT (level 9), fee 0.00294 SOL",
        AlertKind.ORDER_FAILED: "SOL/USDT: a buy of 2.943 SOL at 167.77 USDT (level 9) was refused (funds)",
        AlertKind.ORDER_CANCELLED: "SOL/USDT: a buy of 2.943 SOL at 167.77 USDT (level 9) was cancelled or has expired",
        AlertKind.TAKE_PROFIT: "SOL/USDT: stopped by take-profit, holds 5,912.4 USDT and 0 SOL",
        AlertKind.STOP_LOSS: "SOL/USDT: stopped by stop-loss, holds 4,102.7 USDT and 0 SOL",
        AlertKind.REGRID: "SOL/USDT: a new ladder from 150 to 190 USDT",
        AlertKind.GRID_STATE: "SOL/USDT: armed at 167.77 USDT with 19 levels of 2.943 SOL",
        AlertKind.ERROR: "SOL/USDT/order_manager failed: ValueError: an example",
        AlertKind.HEALTH: "SOL/USDT: no price for 75 s",
        AlertKind.RECOVERY: "SOL/USDT: goes on from what was written down: 12 of 12 orders that were live still are",
        AlertKind.MISMATCH: "SOL/USDT: the account has 1.5 SOL, the grid holds 2.943",
        AlertKind.DRIFT: "SOL/USDT: the account has 0.5 SOL less than before, by nothing that the grid did",
        AlertKind.RESTART: "SOL/USDT/price_feed was restarted",
        AlertKind.SUMMARY: "SOL/USDT: 12 buys of 35.3 SOL for 5,912.11 USDT, 11 sells of 32.4 SOL for 5,600.02 USDT",
    }
)
