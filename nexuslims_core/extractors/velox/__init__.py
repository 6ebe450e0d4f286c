"""Thermo Fisher's Velox: ``.emd``."""
