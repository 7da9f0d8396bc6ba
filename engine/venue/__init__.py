"""A spot exchange in memory: symbols, accounts, orders, matching, market data; no clock, thread or I/O."""
