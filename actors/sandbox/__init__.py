"""A local exchange that speaks Binance Spot, for real clients, newcomers and tests."""
