"""The outside world, one file per library or format."""
