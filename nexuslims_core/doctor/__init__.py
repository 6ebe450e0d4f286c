"""Checks of an installation, each with a sentence that says what to mend."""

from nexuslims_core.doctor.examining import examine

__all__ = ["examine"]
