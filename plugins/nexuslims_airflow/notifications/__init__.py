"""What Airflow calls when a task or a run has ended, so that people are told where no task of ours can do it."""
