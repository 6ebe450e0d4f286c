"""Tables as spreadsheets and programs write them, whole and broken."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nexuslims_core.errors import (
    ConfigurationError,
    NexusLimsError,
    ServiceUnavailableError,
    UnexpectedAnswerError,
    UnsafePathError,
)
from nexuslims_core.instruments.models import Harvester, Instrument
from nexuslims_core.reservations.models import Project, Reservation, Sample
from nexuslims_core.reservations.table import calendar as module
from nexuslims_core.reservations.table.calendar import TableCalendar
from nexuslims_core.reservations.web import WebReader

TITAN = Instrument(
    instrument_pid="Titan-1",
    schema_name="FEI Titan",
    filestore_path="./Titan",
    timezone="Europe/Berlin",
    harvester=Harvester.TABLE,
    api_url="t.csv",
    calendar_name="Titan",
)
NOON = datetime(2026, 3, 2, 11, tzinfo=UTC)
GOOD = "2026-03-02T12:00,2026-03-02T14:00,good"

Ask = Callable[..., tuple[Reservation, ...]]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Ask for the reservations in a table of this text."""

    def asked(text: str | bytes, instrument: Instrument = TITAN, **changed: object) -> tuple[Reservation, ...]:
        (tmp_path / "t.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
        reader = WebReader(setting="NEXUSLIMS_TABLE", kind="table")
        table = TableCalendar(**{"reader": reader, "folder": tmp_path} | changed)
        return table.reservations(instrument, NOON, NOON + timedelta(hours=4))

    return asked


def titles(found: tuple[Reservation, ...]) -> list[str | None]:
    return [each.title for each in found]


WHOLE = {
    "id": "B-17",
    "instrument": "Titan",
    "start": "2026-03-02 12:00",
    "end": "2026-03-02T14:00:00+01:00",
    "title": "EELS of <LNO>",
    "user": "Løvelace, Ada; Ben",
    "login": "ada",
    "collaborator": "Carl",
    "motivation": "Ni valence",
    "sample": "LNO-17",
    "sample_id": "hdl:1/2",
    "sample_description": "lamella",
    "project": "Nickel",
    "project_id": "NICKEL.01",
    "url": "https://booking.example.org/17",
    "cancelled": "no",
}
AS_RESERVATION = Reservation(
    reservation_id="B-17",
    start=datetime.fromisoformat("2026-03-02T12:00+01:00"),
    end=datetime.fromisoformat("2026-03-02T14:00+01:00"),
    title="EELS of <LNO>",
    experimenters=("Løvelace, Ada", "Ben"),
    logins=("ada",),
    collaborators=("Carl",),
    motivation="Ni valence",
    samples=(Sample(name="LNO-17", ref="hdl:1/2", description=("lamella",)),),
    projects=(Project(name="Nickel", project_id="NICKEL.01"),),
    url="https://booking.example.org/17",
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_row_is_read_whole_whatever_spreadsheet_wrote_it(ask: Ask, delimiter: str, encoding: str) -> None:
    cells = delimiter.join(f'"{value}"' for value in WHOLE.values())
    text = f"{delimiter.join(name.upper() for name in WHOLE)}\r\n{cells}\r\n"

    assert ask(text.encode(encoding)) == (AS_RESERVATION,)


@pytest.mark.parametrize("wrapped", [False, True], ids=["a list", "an object"])
def test_json_says_the_same(ask: Ask, wrapped: bool) -> None:
    entry = WHOLE | {"user": ["Løvelace, Ada", "Ben"], "cancelled": False, "more": {"nested": 1}}
    listed = [entry, WHOLE | {"cancelled": True}]

    assert ask(json.dumps({"reservations": listed} if wrapped else listed)) == (AS_RESERVATION,)


def test_text_that_is_no_utf_8_is_read_and_said(ask: Ask, caplog: pytest.LogCaptureFixture) -> None:
    found = ask("start,end,title\n2026-03-02T12:00,2026-03-02T14:00,Löß\n".encode("cp1252"))

    assert titles(found) == ["Löß"]
    assert "save it as CSV UTF-8" in caplog.text


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (",2026-03-02T14:00,bad", "line 2 is left out: it has no start"),
        ("2026-03-02T12:00,,bad", "it has no end"),
        ("yesterday,2026-03-02T14:00,bad", "'yesterday' is no date and time"),
        ("02.03.2026 12:00,2026-03-02T14:00,bad", "is no date and time"),
        ("2026-03-02T14:00,2026-03-02T12:00,bad", "does not end after it starts"),
        ("0001-01-01,9999-12-31,bad", "no year in which a microscope is booked"),
        ("2026-03-02T12:00,2026-03-02T14:00,bad,with,comma", "more cells than there are columns"),
        ('2026-03-02T12:00,2026-03-02T14:00,"bad', "its quotes do not match"),
    ],
    ids=["no start", "no end", "no date", "other format", "backwards", "years", "cells", "quote"],
)
def test_a_bad_row_costs_no_other_and_is_said(
    ask: Ask, caplog: pytest.LogCaptureFixture, bad: str, reason: str
) -> None:
    found = ask("\n".join(["start,end,title", bad, *[GOOD] * 2]))

    assert titles(found) == ["good", "good"]
    assert reason in caplog.text


def test_rows_name_the_instrument_they_are_of(ask: Ask) -> None:
    times = "2026-03-02T12:00,2026-03-02T14:00"
    text = f"instrument,start,end,title\nTITAN,{times},a\nQuanta,{times},b\nTitan-1,{times},c\n,{times},d\n"

    assert titles(ask(text)) == ["a", "c"]


def test_a_day_stands_for_the_whole_of_it(ask: Ask) -> None:
    (found,) = ask("start,end\n2026-03-01,2026-03-02\n")

    assert found.end.isoformat() == "2026-03-03T00:00:00+01:00"


def test_a_row_without_id_keeps_its_name_when_others_come(ask: Ask) -> None:
    (alone,) = ask(f"start,end,title\n{GOOD}\n")
    (*_, later) = ask(f"start,end,title\n2026-03-02T08:00,2026-03-02T09:00,new\n{GOOD}\n")

    assert alone.reservation_id == later.reservation_id


def test_a_site_may_name_its_columns_otherwise(ask: Ask) -> None:
    text = "Beginn;Ende;Titel\n2026-03-02T12:00;2026-03-02T14:00;gut\n"

    assert titles(ask(text, columns={"start": "Beginn", "end": "Ende", "title": "Titel"})) == ["gut"]


@pytest.mark.parametrize(
    "text",
    ["", "start,title\n", "<!DOCTYPE html>\n<html>", '"', "{}", "[1", "[" * 100_000, b"\x00\xff" * 100],
    ids=["empty", "no end", "page", "quote", "no list", "broken", "deep", "bytes"],
)
def test_what_is_no_table_is_said(ask: Ask, text: str | bytes) -> None:
    with pytest.raises(UnexpectedAnswerError, match=r"the table t\.csv is no"):
        ask(text)


@pytest.mark.parametrize(
    ("api_url", "error", "sentence"),
    [
        ("../t.csv", UnsafePathError, "leads out of"),
        ("/etc/passwd", UnsafePathError, "leads out of"),
        ("none.csv", UnexpectedAnswerError, "put it there"),
        (".", UnexpectedAnswerError, "is no file"),
        ("", ConfigurationError, "NEXUSLIMS_TABLE_PATH"),
        (None, ConfigurationError, "NEXUSLIMS_TABLE_PATH"),
        ("ftp://example.org/t.csv", ConfigurationError, "begins with https"),
        ("https://ada:secret@example.org/t.csv", ConfigurationError, "take user and password out"),
    ],
    ids=["above", "absolute", "none", "folder", "empty", "unset", "ftp", "password"],
)
def test_a_path_that_cannot_be_is_said(
    ask: Ask, api_url: str | None, error: type[NexusLimsError], sentence: str
) -> None:
    with pytest.raises(error, match=sentence) as said:
        ask("start,end\n", replace(TITAN, api_url=api_url))

    assert "secret" not in str(said.value)


def test_a_folder_that_is_not_mounted_may_come_back(ask: Ask, tmp_path: Path) -> None:
    with pytest.raises(ServiceUnavailableError, match="mount it"):
        ask("start,end\n", folder=tmp_path / "gone")


def test_a_table_that_is_too_long_is_not_read(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 2**20)

    with pytest.raises(UnexpectedAnswerError, match="more than 1 MiB"):
        ask(b"start,end\n" + b" " * 2**20)


def test_a_column_that_is_not_read_is_said() -> None:
    with pytest.raises(ConfigurationError, match=r"TABLE_COLUMNS: no column 'begin' is read"):
        TableCalendar(reader=WebReader(setting="NEXUSLIMS_TABLE", kind="table"), columns={"begin": "Beginn"})
