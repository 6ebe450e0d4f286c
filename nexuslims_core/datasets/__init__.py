"""Datasets: what a file holds, in the terms of the record."""
