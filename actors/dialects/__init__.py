"""The protocols of exchanges' streams, by the exchange's name: another exchange is one more file, and one more line."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from actors.dialects.binance import Binance
from actors.dialects.conversation import Dialect

DIALECTS: Mapping[str, Dialect] = MappingProxyType({"binance": Binance()})
