"""Run many simulated worlds on all cores, shrink those that fail, tell them, and try whether mistakes are seen."""
