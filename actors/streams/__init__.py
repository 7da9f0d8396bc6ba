"""Connections that tell a feed what an exchange says."""
