"""The door to a running process: who may come in, what they are shown, what they may ask for."""
