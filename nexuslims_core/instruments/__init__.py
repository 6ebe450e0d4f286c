"""The microscopes of a facility: what is known of each, as data."""
