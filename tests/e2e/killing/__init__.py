"""Grids in processes that are killed: how they are started and killed, and what must hold afterwards."""
