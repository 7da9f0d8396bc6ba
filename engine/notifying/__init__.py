"""Telling people: what is worth a message, in which words, when, and again if nobody took it."""
