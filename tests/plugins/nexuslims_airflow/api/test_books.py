from pathlib import Path
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("airflow", reason="Airflow is not installed")

from nexuslims_airflow.api.books import Books
from nexuslims_core.errors import DatabaseError, ServiceUnavailableError, SessionStateError

if TYPE_CHECKING:
    from tests.plugins.conftest import Site

pytestmark = pytest.mark.airflow


def test_the_database_is_the_one_of_the_tasks_and_opened_once(site: "Site") -> None:
    books = Books()

    with books.opened() as first, books.opened() as second:
        assert first is second
        assert first.instruments() == (site.titan,)


@pytest.mark.usefixtures("site")
def test_what_a_client_did_wrong_keeps_the_database() -> None:
    books = Books()
    with books.opened() as before:
        pass

    with pytest.raises(SessionStateError), books.opened():
        raise SessionStateError("s1 has ended already")

    with books.opened() as after:
        assert after is before


def test_after_a_failure_it_is_opened_anew(site: "Site") -> None:
    books = Books()
    file = Path(str(site.database.engine.url.database))
    aside = file.rename(file.with_suffix(".aside"))
    for _ in range(2):
        with pytest.raises(DatabaseError), books.opened():
            pass

    aside.rename(file)

    with books.opened() as database:
        assert database.instruments() == (site.titan,)


@pytest.mark.usefixtures("site")
def test_too_many_at_once_are_sent_away_before_they_block_the_pages() -> None:
    books = Books(at_once=2, patience_s=0.01)

    with books.opened(), books.opened(), pytest.raises(ServiceUnavailableError, match="too many"), books.opened():
        pass

    with books.opened() as database:
        assert database.instruments()
