from pathlib import Path

import pytest

from nexuslims_core.cli.paths import absolute, path_fields


def test_a_path_is_made_absolute_without_steps_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").mkdir()
    monkeypatch.chdir(tmp_path / "a")

    assert absolute("../b") == tmp_path / "b"
    assert absolute("b") == tmp_path / "a/b"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)

    assert absolute(f"{tmp_path}/link/x") == tmp_path / "link/x"


def test_a_name_that_is_not_utf8_carries_its_bytes() -> None:
    assert path_fields(Path("/a/\udcff µ")) == {"path": "/a/\udcff µ", "path_encoded": "/a/%FF%20%C2%B5"}


def test_any_other_name_is_told_once() -> None:
    assert path_fields(Path("/a/µ")) == {"path": "/a/µ"}
