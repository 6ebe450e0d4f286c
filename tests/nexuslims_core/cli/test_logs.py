import logging
import subprocess
import sys

from nexuslims_core.cli.logs import NamingFormatter, about
from tests.nexuslims_core.conftest import Lab


def line(message: str) -> str:
    record = logging.LogRecord("nexuslims_core", logging.INFO, __file__, 1, message, (), None)
    return NamingFormatter().format(record)


def test_a_line_about_a_session_names_it() -> None:
    with about("https://nemo/?id=1"):
        said = line("searching")

    assert said.endswith("INFO [https://nemo/?id=1] searching")


def test_a_line_of_before_and_after_names_none() -> None:
    with about("s1"):
        pass

    assert line("searching").endswith("INFO searching")


def test_each_line_of_building_a_session_names_it(lab: Lab) -> None:
    lab.waits("s1")
    lab.image("a.dm3", 1)
    lab.broken("b.dm3", 2)

    ended = subprocess.run(
        [sys.executable, "-m", "nexuslims_core.cli.main", "build", "s1", "--no-upload", "--verbose", "--json"],
        capture_output=True,
        text=True,
        check=False,
        cwd=lab.store.parent,
    )

    logged = [each for each in ended.stderr.splitlines() if " INFO " in each or " WARNING " in each]
    of_session = [each for each in logged if "instrument " not in each]
    assert len(of_session) >= 4
    assert [each for each in of_session if "[s1] " not in each] == []
