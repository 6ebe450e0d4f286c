"""Bruker's Esprit: ``.bcf`` and ``.spx``."""
