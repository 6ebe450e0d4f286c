"""Task ``harvest_reservation``."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("airflow", reason="Airflow is not installed")

from airflow.sdk.exceptions import AirflowFailException

from nexuslims_airflow.operators.harvest_reservation import HarvestReservationOperator
from nexuslims_airflow.xcom import receive
from nexuslims_core.errors import ConsentUnknownError
from nexuslims_core.instruments.models import Harvester
from nexuslims_core.reservations.models import ReservationMatch

if TYPE_CHECKING:
    from tests.plugins.conftest import Site

pytestmark = pytest.mark.airflow

SECRET = "tell-nobody"  # noqa: S105 - opens nothing
BookedIn = Callable[[Harvester], None]


def test_an_instrument_without_a_calendar_has_no_reservation(site: "Site") -> None:
    shipped = HarvestReservationOperator(task_id="t", claim=site.claimed()).execute({})

    assert receive(shipped, ReservationMatch).reservation is None


def test_a_calendar_without_credentials_names_the_connection_to_make(site: "Site", booked_in: BookedIn) -> None:
    booked_in(Harvester.SHAREPOINT)

    with pytest.raises(AirflowFailException, match="connection nexuslims_sharepoint"):
        HarvestReservationOperator(task_id="t", claim=site.claimed()).execute({})


def test_a_calendar_that_does_not_answer_costs_no_record(
    site: "Site", booked_in: BookedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    booked_in(Harvester.SHAREPOINT)
    monkeypatch.setenv("AIRFLOW_CONN_NEXUSLIMS_SHAREPOINT", f"http://user:{SECRET}@")

    shipped = HarvestReservationOperator(task_id="t", claim=site.claimed()).execute({})

    match = receive(shipped, ReservationMatch)
    assert (match.reservation, "127.0.0.1:9 cannot be reached" in str(match.missing)) == (None, True)
    assert SECRET not in str(shipped)


def test_a_nemo_that_does_not_answer_is_asked_again_since_nobody_has_agreed_yet(
    site: "Site", monkeypatch: pytest.MonkeyPatch
) -> None:
    booked = replace(site.titan, harvester=Harvester.NEMO, api_url="http://127.0.0.1:9/api/tools/?id=1")
    site.database.add_instrument(booked)
    connection = {"conn_type": "http", "host": "http://127.0.0.1:9", "password": SECRET}
    monkeypatch.setenv("AIRFLOW_CONN_NEXUSLIMS_NEMO", json.dumps(connection))

    with pytest.raises(ConsentUnknownError) as said:
        HarvestReservationOperator(task_id="t", claim=site.claimed()).execute({})

    assert SECRET not in str(said.value)
