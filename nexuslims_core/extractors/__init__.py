"""Readers of vendor formats: one file a format, each registered by an entry point."""
