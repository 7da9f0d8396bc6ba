"""Decide: pure behaviours and values, with no thread, clock, I/O, logging or Pykka."""
