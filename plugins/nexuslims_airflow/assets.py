"""What the sessions of the facility tell Airflow's scheduler."""

from airflow.sdk import Asset

SESSION_ENDED = Asset(name="nexuslims_session_ended", uri="nexuslims://sessions/ended")
"""An event each time that an instrument's session ends; its extra names ``session`` and ``instrument``."""
