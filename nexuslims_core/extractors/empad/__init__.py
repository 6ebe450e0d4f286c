"""EMPAD detectors: ``.xml`` and ``.raw``."""
