"""Merlin detectors of Quantum Detectors: ``.mib`` and ``.hdr``."""
