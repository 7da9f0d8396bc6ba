"""Grids on live prices: run, looked at, stopped in order, and what is left swept up."""
