"""The plugin as Airflow loads it."""

import json

import pytest

from tests.servers.airflow import fresh_python

pytest.importorskip("airflow", reason="Airflow is not installed")
pytestmark = pytest.mark.airflow

LOAD = """
import json, sys
from pathlib import Path
from airflow import plugins_manager, settings
from airflow._shared.module_loading.file_discovery import find_path_from_directory
plugins, errors = plugins_manager._get_plugins()
links = [link.name for plugin in plugins for link in plugin.operator_extra_links]
bare = [name for name in sys.modules if name in {"stage", "claim", "facility", "xcom", "operators", "hooks"}]
ours = [plugin.name for plugin in plugins if not getattr(plugin.source, "entrypoint", None)]
found = [Path(path).name for path in find_path_from_directory(settings.PLUGINS_FOLDER, ".airflowignore", "glob")]
found = [name for name in found if name.endswith(".py")]
early = [name for name in sys.modules if name.startswith("nexuslims_airflow.api")]
served = [app["url_prefix"] for plugin in plugins if plugin.name == "nexuslims" for app in plugin.fastapi_apps]
told = {"plugins": ours, "errors": errors, "links": links, "bare": bare, "found": found}
print(json.dumps(told | {"early": early, "served": served}))
"""


@pytest.fixture(scope="module")
def loaded() -> dict[str, object]:
    """What a fresh Airflow makes of the plugins folder."""
    told: dict[str, object] = json.loads(fresh_python(LOAD, PYTHONPATH=""))
    return told


def test_the_folder_holds_exactly_one_plugin_and_no_error(loaded: dict[str, object]) -> None:
    assert loaded["plugins"] == ["nexuslims"]
    assert loaded["errors"] == {}


def test_it_brings_the_links_to_record_and_session(loaded: dict[str, object]) -> None:
    assert loaded["links"] == ["Record", "Session"]


def test_no_file_of_the_package_is_imported_under_its_bare_name(loaded: dict[str, object]) -> None:
    assert loaded["bare"] == []


def test_airflow_finds_no_other_file_in_the_folder(loaded: dict[str, object]) -> None:
    assert loaded["found"] == ["nexuslims_plugin.py"]


def test_the_web_server_finds_our_pages_in_it(loaded: dict[str, object]) -> None:
    assert loaded["served"] == ["/nexuslims"]


def test_a_task_that_loads_it_does_not_load_the_pages(loaded: dict[str, object]) -> None:
    assert loaded["early"] == []
