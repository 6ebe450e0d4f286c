"""What the project serves inside Airflow's web server; loaded there alone, not where tasks run."""
