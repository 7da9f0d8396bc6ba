"""A grid that runs for hours while somebody looks on: what it takes of its machine."""
