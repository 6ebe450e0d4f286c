"""Connections to clients, nothing else."""
