"""Acquisition activities: files made in one go, told apart by when they were made."""
