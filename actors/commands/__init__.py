"""Commands to a running process: from another terminal, and at the console of its own."""
