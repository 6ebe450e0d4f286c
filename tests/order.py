"""Which process gets which files of tests, and when, where several share them (``make test``).

What takes minutes begins first: a file that starts an Airflow has few tests, and xdist, which by itself hands out files
with many tests first, would keep it for the end, where one process waits for the other. Files that look at the same
Airflow go to the same process, which then starts it once.
"""

import pytest
from typing_extensions import override
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

TOGETHER = {
    "tests/plugins/nexuslims_airflow/api/": "the Airflow of the plugin's pages",
    "tests/plugins/nexuslims_airflow/ui/": "the Airflow of the plugin's pages",
}
"""Beginning of a test's id to what it shares with others."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests that take long before all others."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling | None:
    """Hand out files as they were collected, which is for `--dist loadfile` alone."""
    if config.getvalue("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False
    return ByFile(config, log)


class ByFile(LoadFileScheduling):
    """Hands out files, and those that belong together as one."""

    @override
    def _split_scope(self, nodeid: str) -> str:
        return belongs_to(nodeid)


def belongs_to(nodeid: str) -> str:
    """Return the name of what a test is handed out with: its file, or what that shares with others."""
    shared = (what for begins, what in TOGETHER.items() if nodeid.startswith(begins))
    return next(shared, nodeid.partition("::")[0])
