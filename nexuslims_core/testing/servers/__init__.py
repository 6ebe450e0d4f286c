"""Servers that the project talks to, run on this machine for tests and demonstrations."""
