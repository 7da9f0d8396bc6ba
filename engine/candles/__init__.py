"""Candles: what they are, how they are read or made, and the way the price takes through them."""

from engine.candles.values import Candle, Candles, Floats, Millis

__all__ = ["Candle", "Candles", "Floats", "Millis"]
