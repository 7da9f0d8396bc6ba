"""What a grid must not forget: what is written of it, when, and what can be rebuilt from that."""
