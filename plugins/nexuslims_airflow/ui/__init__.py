"""Pages about sessions, records and instruments inside Airflow's own; loaded in its web server alone."""
