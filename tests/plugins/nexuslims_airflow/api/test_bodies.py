from datetime import datetime, timedelta, timezone

import pytest

pytest.importorskip("airflow", reason="Airflow is not installed")

from nexuslims_airflow.api.answers import UnusableBodyError
from nexuslims_airflow.api.bodies import End, Start, said

pytestmark = pytest.mark.airflow

DEEP = b'{"id":' + b"[" * 8000 + b"]" * 8000 + b"}"


def test_a_start_says_who_where_and_when() -> None:
    start = said(Start, b'{"id": "s1", "instrument": "Titan-1", "user": "ada", "at": "2026-03-02T10:00+01:00"}')

    berlin = timezone(timedelta(hours=1))
    assert start == Start(id="s1", instrument="Titan-1", user="ada", at="2026-03-02T10:00+01:00")  # type: ignore[arg-type]
    assert start.at == datetime(2026, 3, 2, 10, tzinfo=berlin)


@pytest.mark.parametrize("json", [b'{"id": "s1", "at": null}', b'{"id": "s1"}'], ids=["null", "not said"])
def test_an_end_without_a_time_has_none(json: bytes) -> None:
    assert said(End, json).at is None


def test_a_time_without_a_zone_stays_without_one() -> None:
    at = said(End, b'{"id": "s1", "at": "2026-03-02T10:00:00.5"}').at

    assert at == datetime(2026, 3, 2, 10, 0, 0, 500_000)  # noqa: DTZ001 - the promise


@pytest.mark.parametrize(
    ("json", "named"),
    [
        (b"", "the body"),
        (b"null", "the body"),
        (b"[]", "the body"),
        (b'"s1"', "the body"),
        (b"{", "the body"),
        (b"\xff\xfe{}", "the body"),
        (b"{}", "id"),
        (b'{"id": 1}', "id"),
        (b'{"id": ""}', "id"),
        (b'{"id": " "}', "id"),
        (b'{"id": "a\\nb"}', "id"),
        (b'{"id": "a\\u0000b"}', "id"),
        (b'{"id": "a\\u202eb"}', "id"),
        (b'{"id": "\\ud800"}', "the body"),
        (b'{"id": "' + b"x" * 501 + b'"}', "id"),
        (DEEP, "the body"),
        (b'{"id": "s1", "at": 0}', "at"),
        (b'{"id": "s1", "at": true}', "at"),
        (b'{"id": "s1", "at": "yesterday"}', "at"),
        (b'{"id": "s1", "at": "2026-03-02T25:00"}', "at"),
        (b'{"id": "s1", "at": "0001-01-01T00:00+14:00"}', "at"),
        (b'{"id": "s1", "at": "9999-12-31T23:59-14:00"}', "at"),
        (b'{"id": "s1", "At": null}', "another field than id, at, called_at"),
    ],
    ids=ascii,
)
def test_what_is_no_end_is_refused_by_the_name_of_the_field(json: bytes, named: str) -> None:
    with pytest.raises(UnusableBodyError, match=f"^{named}: "):
        said(End, json)


def test_a_refusal_repeats_nothing_of_what_was_sent() -> None:
    with pytest.raises(UnusableBodyError) as refusal:
        said(Start, b'{"id": 1, "instrument": "secret\\n", "secret": 1, "at": "secret", "user": {"secret": 1}}')

    assert "secret" not in str(refusal.value)
    str(refusal.value).encode()
