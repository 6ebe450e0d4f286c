"""The pages as a real Airflow serves them."""

from tests.plugins.nexuslims_airflow.api.conftest import served

__all__ = ["served"]
