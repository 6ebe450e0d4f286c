"""The one file that Airflow loads as a plugin; the package beside it is hidden by .airflowignore."""

from airflow.plugins_manager import AirflowPlugin

from nexuslims_airflow.operators.upload_record import RecordLink


class NexusLimsPlugin(AirflowPlugin):
    """Tells Airflow's pages about the links of our operators."""

    name = "nexuslims"
    operator_extra_links = [RecordLink()]  # noqa: RUF012 - Airflow's own interface
