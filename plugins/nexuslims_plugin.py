"""The one file that Airflow loads as a plugin; the package beside it is hidden by .airflowignore."""

from typing import Any

from airflow.plugins_manager import AirflowPlugin
from typing_extensions import override

from nexuslims_airflow.operators.session_link import SessionLink
from nexuslims_airflow.operators.upload_record import RecordLink


class _WhenServed:
    """The applications, made when the web server asks for them: tasks load this file too, and need none of it."""

    def __get__(self, _: object, __: type) -> list[dict[str, Any]]:
        from nexuslims_airflow.api.app import create_app

        return [{"name": "NexusLIMS", "app": create_app(), "url_prefix": "/nexuslims"}]


class NexusLimsPlugin(AirflowPlugin):
    """Tells Airflow's pages about the links of our operators, and its web server about ours."""

    name = "nexuslims"
    operator_extra_links = [RecordLink(), SessionLink()]  # noqa: RUF012 - Airflow's own interface
    fastapi_apps = _WhenServed()
    external_views = [  # noqa: RUF012 - Airflow's own interface
        {
            "name": "NexusLIMS",
            "href": "nexuslims/sessions",  # without a slash before it: Airflow may be served below a path
            "url_route": "nexuslims",
            "destination": "nav",
            "nav_top_level": True,
            "icon": "nexuslims/assets/icon.svg",
            "icon_dark_mode": "nexuslims/assets/icon_dark.svg",
        }
    ]

    @classmethod
    @override
    def on_load(cls, *args: Any, **kwargs: Any) -> None:
        """Have the scheduler name our mapped tasks and choose their pools, and load what they need before it forks."""
        from airflow.settings import get_policy_plugin_manager

        from nexuslims_airflow import policy, preloading

        policies = get_policy_plugin_manager()
        if not policies.is_registered(policy):
            policies.register(policy)
        if preloading.forks_tasks():
            preloading.preload()
