"""Candles for backtests: where they come from, fetched once and kept."""
