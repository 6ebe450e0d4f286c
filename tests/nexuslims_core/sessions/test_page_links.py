from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from nexuslims_core.sessions.page_links import LONGEST_ADDRESS, page_in_airflow, page_url, session_path

ODD = ["a/b", "a\\b", "a?b", "a#b", "50%", "a;b", "..", " . ", "two\nlines", "", "\u202eback"]


@pytest.mark.parametrize("name", ["5a1e5b2f-0001", "größe 4 & <b>", "https:&=+", "a.b"])
def test_a_plain_name_is_a_part_of_the_path(name: str) -> None:
    path = session_path(name)

    assert path.count("/") == 1
    assert unquote(path.removeprefix("sessions/")) == name


@pytest.mark.parametrize("name", ODD, ids=repr)
def test_a_name_that_paths_do_not_keep_is_asked_for(name: str) -> None:
    path = urlsplit(session_path(name, 7))

    assert path.path == "session"
    assert parse_qs(path.query, keep_blank_values=True) == {"id": [name]}


def test_a_name_longer_than_addresses_goes_by_the_number_of_a_log() -> None:
    assert session_path("é" * LONGEST_ADDRESS, 7) == "session?log=7"


@pytest.mark.parametrize("base", ["https://lab.example.org/airflow", "https://lab.example.org/airflow/"])
def test_airflow_shows_a_session_below_its_own_address(base: str) -> None:
    assert page_in_airflow(base, "s 1") == "https://lab.example.org/airflow/plugin/nexuslims/nexuslims/sessions/s%201"


def test_a_page_by_itself_is_below_airflow() -> None:
    assert (
        page_url("https://lab.example.org/airflow/", "s 1")
        == "https://lab.example.org/airflow/nexuslims/sessions/s%201"
    )


def test_a_name_that_is_no_text_still_has_an_address() -> None:
    assert session_path("a\udcff") == "session?id=a%3F"
