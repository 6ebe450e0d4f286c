"""A vendor's values and times as those of a record."""
