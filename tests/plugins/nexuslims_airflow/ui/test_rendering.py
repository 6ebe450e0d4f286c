from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

pytest.importorskip("airflow", reason="Airflow is not installed")

from nexuslims_airflow.ui.rendering import HERE, encoded, moment, shown

pytestmark = pytest.mark.airflow


def test_every_sign_of_a_text_can_be_seen() -> None:
    assert shown("a\nb\u202ec\0") == "a↵b\\u202ec\\u0000"


def test_a_long_text_is_cut() -> None:
    assert shown("x" * 10_000, 5) == "xxxx…"


def test_a_time_is_read_by_the_instruments_clock_and_kept_in_utc() -> None:
    time = moment(datetime(2026, 3, 2, 9, 30, tzinfo=UTC), ZoneInfo("America/New_York"))

    assert "2026-03-02 04:30 <small>EST</small>" in time
    assert 'title="2026-03-02 09:30:00 UTC"' in time


def test_line_breaks_of_a_name_survive_a_form() -> None:
    assert encoded("a\nb&c") == "a%0Ab%26c"


def test_no_template_switches_escaping_off_or_brings_its_own_style() -> None:
    told = {path.name: path.read_text() for path in (HERE / "templates").iterdir()}

    assert told
    assert not [
        name for name, text in told.items() for word in ("|safe", "autoescape", "style=", "onclick") if word in text
    ]
