"""Streams of TVIPS cameras: ``.tvips``."""
