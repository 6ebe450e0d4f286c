"""One file per table: functions that take an open transaction and return the nouns of the core."""
