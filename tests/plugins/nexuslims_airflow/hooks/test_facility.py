"""Connections of Airflow win over settings."""

import json
from typing import TYPE_CHECKING, Any

import pytest
from typing_extensions import override

pytest.importorskip("airflow", reason="Airflow is not installed")

from nexuslims_airflow.hooks.facility import FacilityHook
from nexuslims_core.errors import ConfigurationError, DatabaseError
from nexuslims_core.instruments.models import Harvester

if TYPE_CHECKING:
    from tests.plugins.conftest import Site

pytestmark = pytest.mark.airflow


@pytest.fixture
def settled(site: "Site", monkeypatch: pytest.MonkeyPatch) -> "Site":
    """A facility whose settings name a CDCS and a SharePoint account."""
    for name, value in {
        "CDCS_URL": "https://cdcs.settings.example.org",
        "CDCS_TOKEN": "token-of-the-settings",
        "SHAREPOINT_USER": "user-of-the-settings",
        "SHAREPOINT_PASSWORD": "password-of-the-settings",
    }.items():
        monkeypatch.setenv(f"NEXUSLIMS_{name}", value)
    return site


def store() -> Any:  # noqa: ANN401 - any destination has a name and no more
    return next(iter(FacilityHook().facility().stores), None)


@pytest.mark.usefixtures("site")
def test_without_a_connection_and_an_address_nothing_is_published() -> None:
    assert store() is None


@pytest.mark.usefixtures("settled")
def test_without_a_connection_the_settings_count() -> None:
    assert (store().url, store().token) == ("https://cdcs.settings.example.org", "token-of-the-settings")


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize(
    ("connection", "url"),
    [
        ({"host": "cdcs.example.org"}, "https://cdcs.example.org"),
        ({"host": "cdcs.example.org", "port": 8443}, "https://cdcs.example.org:8443"),
        ({"host": "cdcs.example.org", "schema": "http"}, "http://cdcs.example.org"),
        ({"host": "http://127.0.0.1:8000"}, "http://127.0.0.1:8000"),
        ({"host": "https://example.org/cdcs/", "port": 8443}, "https://example.org:8443/cdcs/"),
        ({}, "https://cdcs.settings.example.org"),
    ],
    ids=["name", "port", "scheme", "address", "path and port", "credentials only"],
)
def test_the_address_of_the_connection_wins(
    monkeypatch: pytest.MonkeyPatch, connection: dict[str, object], url: str
) -> None:
    given = {"conn_type": "http", "password": "token-of-the-connection", **connection}
    monkeypatch.setenv("AIRFLOW_CONN_NEXUSLIMS_CDCS", json.dumps(given))

    assert (store().url, store().token) == (url, "token-of-the-connection")


@pytest.mark.usefixtures("settled")
def test_a_connection_may_be_an_address_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_NEXUSLIMS_CDCS", "http://:token-of-the-connection@cdcs.example.org:8443/https")

    assert (store().url, store().token) == ("https://cdcs.example.org:8443", "token-of-the-connection")


@pytest.mark.usefixtures("settled")
def test_a_login_of_the_connection_is_used_instead_of_the_token_of_the_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = {"conn_type": "http", "host": "cdcs.example.org", "login": "robot", "password": "of-the-robot"}
    monkeypatch.setenv("AIRFLOW_CONN_NEXUSLIMS_CDCS", json.dumps(given))

    assert (store().token, store().user, store().password) == (None, "robot", "of-the-robot")


@pytest.mark.usefixtures("settled")
def test_the_account_of_the_sharepoint_connection_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"conn_type": "http", "login": "EMLAB\\harvester", "password": "of-the-connection"}
    monkeypatch.setenv("AIRFLOW_CONN_NEXUSLIMS_SHAREPOINT", json.dumps(given))

    calendar: Any = FacilityHook().facility().calendars[Harvester.SHAREPOINT]

    assert (calendar.user, calendar.password) == ("EMLAB\\harvester", "of-the-connection")


@pytest.mark.usefixtures("settled")
def test_without_its_connection_the_calendar_takes_the_settings() -> None:
    calendar: Any = FacilityHook().facility().calendars[Harvester.SHAREPOINT]

    assert (calendar.user, calendar.password) == ("user-of-the-settings", "password-of-the-settings")


@pytest.mark.usefixtures("site")
def test_a_missing_setting_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEXUSLIMS_DATA_PATH")

    with pytest.raises(ConfigurationError, match="NEXUSLIMS_DATA_PATH is not set"):
        FacilityHook().facility()


def test_a_database_that_was_never_made_is_said(site: "Site", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXUSLIMS_DB_URL", f"sqlite:///{site.data / 'other.sqlite'}")

    with pytest.raises(DatabaseError, match=r"other\.sqlite"):
        FacilityHook().facility()


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(
    ("connection", "asked"),
    [
        (None, ("https://nemo.settings.example.org/api/", "token-of-the-settings")),
        ({"host": "https://nemo.example.org/api/", "password": "t"}, ("https://nemo.example.org/api/", "t")),
        ({"host": "nemo.example.org", "password": "t"}, ("https://nemo.example.org", "t")),
        ({"password": "t"}, ("https://nemo.settings.example.org/api/", "t")),
    ],
    ids=["settings", "address", "name", "token only"],
)
def test_the_nemo_of_the_connection_comes_first(
    monkeypatch: pytest.MonkeyPatch, connection: dict[str, Any] | None, asked: tuple[str, str]
) -> None:
    monkeypatch.setenv("NEXUSLIMS_NEMO_URL", "https://nemo.settings.example.org/api/")
    monkeypatch.setenv("NEXUSLIMS_NEMO_TOKEN", "token-of-the-settings")
    if connection:
        monkeypatch.setenv("AIRFLOW_CONN_NEXUSLIMS_NEMO", json.dumps({"conn_type": "http", **connection}))

    first = FacilityHook().facility().nemos[0]

    assert (first.address, first.token) == asked


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(
    ("extra", "security"),
    [
        ({}, "tls"),
        ({"disable_ssl": True}, "starttls"),
        ({"disable_ssl": True, "disable_tls": True}, "none"),
    ],
    ids=["encrypted from the start", "encrypted on request", "not encrypted"],
)
def test_the_mail_server_of_the_connection_wins(
    monkeypatch: pytest.MonkeyPatch, extra: dict[str, bool], security: str
) -> None:
    monkeypatch.setenv("NEXUSLIMS_SMTP_HOST", "mail.settings.example.org")
    monkeypatch.setenv("NEXUSLIMS_ALERTS_FROM", "nexuslims@example.org")
    monkeypatch.setenv("NEXUSLIMS_ALERTS_TO", "ada@example.org")
    connection = {"conn_type": "smtp", "host": "mail.example.org", "login": "nexus", "password": "sesame"}
    monkeypatch.setenv("AIRFLOW_CONN_NEXUSLIMS_SMTP", json.dumps(connection | {"extra": extra}))

    mail = FacilityHook().facility().post.mail

    assert (mail.host, mail.user, mail.security) == ("mail.example.org", "nexus", security)
    assert mail.sender == "nexuslims@example.org"


@pytest.mark.usefixtures("site")
def test_pages_are_at_the_address_of_the_settings_else_of_airflow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "https://own.example.org")
    own = FacilityHook().facility().post.pages.url
    monkeypatch.setenv("NEXUSLIMS_AIRFLOW_URL", "https://settings.example.org/")

    assert (own, FacilityHook().facility().post.pages.url) == (
        "https://own.example.org",
        "https://settings.example.org",
    )


@pytest.mark.usefixtures("settled")
def test_a_workshop_asks_for_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FacilityHook, "get_connection", lambda conn_id: pytest.fail(f"asked for {conn_id}"))

    workshop = FacilityHook().workshop()

    assert (workshop.stores, workshop.calendars, workshop.nemos) == ((), {}, ())


@pytest.mark.usefixtures("site")
def test_connections_give_credentials_to_calendars_and_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ical", "caldav", "table"):
        given = {"conn_type": "http", "host": f"{name}.example.org", "login": "robot", "password": "of-the-robot"}
        monkeypatch.setenv(f"AIRFLOW_CONN_NEXUSLIMS_{name.upper()}", json.dumps(given))

    accesses = FacilityHook().facility().accesses

    calendars, tables = accesses[Harvester.ICAL], accesses[Harvester.TABLE]
    assert [each.address for each in calendars] == ["https://ical.example.org", "https://caldav.example.org"]
    assert [(each.address, each.user, each.password) for each in tables] == [
        ("https://table.example.org", "robot", "of-the-robot")
    ]


@pytest.mark.usefixtures("site")
def test_a_connection_that_names_no_server_gives_its_password_to_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_NEXUSLIMS_ICAL", json.dumps({"conn_type": "http", "password": "of-the-robot"}))

    with pytest.raises(ConfigurationError, match="NEXUSLIMS_ICAL_URL") as said:
        FacilityHook().facility()

    assert "of-the-robot" not in str(said.value)


class Listening(FacilityHook):
    """Writes down which connections are asked for, and has none."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    @override
    def _connection(self, conn_id: str) -> None:
        self.asked.append(conn_id)


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(
    ("booked_in", "calendars"),
    [
        (Harvester.NONE, []),
        (Harvester.SHAREPOINT, ["nexuslims_sharepoint"]),
        (Harvester.NEMO, ["nexuslims_nemo"]),
        (Harvester.ICAL, ["nexuslims_ical", "nexuslims_caldav"]),
        (Harvester.TABLE, ["nexuslims_table"]),
    ],
    ids=lambda value: str(value) if isinstance(value, Harvester) else "",
)
def test_a_session_asks_for_the_connection_of_its_own_calendar_alone(
    booked_in: Harvester, calendars: list[str]
) -> None:
    hook = Listening()

    hook.equipped(hook.workshop(), [booked_in])

    assert sorted(hook.asked) == sorted(["nexuslims_cdcs", *calendars])


@pytest.mark.usefixtures("site")
def test_whoever_works_for_all_asks_for_every_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXUSLIMS_ALERTS_TO", "ada@example.org")
    hook = Listening()

    hook.facility()

    assert len(hook.asked) == len(set(hook.asked)) == 7
