"""Sample texts hold what was asked for."""

from pathlib import Path

from nexuslims_core.testing.writers.text import write_text


def test_writes_in_the_encoding_and_at_the_time_asked_for(tmp_path: Path) -> None:
    path = write_text(tmp_path / "a.txt", "é\r\n", encoding="cp1252", mtime=1_542_135_802.5)

    assert (path.read_bytes(), path.stat().st_mtime) == (b"\xe9\r\n", 1_542_135_802.5)
