"""Turns sessions on electron microscopes into validated experiment records; knows nothing of Airflow."""

__version__ = "0.1.0"
