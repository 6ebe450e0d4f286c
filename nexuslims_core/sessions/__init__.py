"""Sessions on instruments: their logs, their states and who is building them."""
