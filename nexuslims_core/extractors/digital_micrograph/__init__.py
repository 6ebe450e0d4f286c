"""Gatan DigitalMicrograph: ``.dm3`` and ``.dm4``."""
