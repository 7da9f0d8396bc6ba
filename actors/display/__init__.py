"""What people see at a terminal: the live picture, summaries, tables, progress."""
