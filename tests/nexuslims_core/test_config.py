import re
from pathlib import Path

import pytest

from nexuslims_core.config import known_names, load_settings
from nexuslims_core.errors import ConfigurationError

EXAMPLE = Path(__file__).resolve().parents[2] / ".env.example"


@pytest.fixture
def env_file(tmp_path: Path) -> Path:
    path = tmp_path / ".env"
    path.write_text("NEXUSLIMS_FILESTORE_PATH=/store\nNEXUSLIMS_DATA_PATH=/data\n")
    return path


def add(env_file: Path, *lines: str) -> None:
    env_file.write_text(env_file.read_text() + "".join(f"{line}\n" for line in lines))


def test_the_database_lies_under_the_data_path_by_default(env_file: Path) -> None:
    assert load_settings(env_file).database_url == "sqlite:////data/nexuslims.sqlite"


def test_the_environment_wins_over_the_file(env_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXUSLIMS_DATA_PATH", "/elsewhere")

    assert load_settings(env_file).data_path == Path("/elsewhere")


def test_the_names_of_nexuslims_1_are_read(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("mmfnexus_path=/store\nnexusLIMS_path=/data\nnexusLIMS_db_path=/db.sqlite\ncdcs_url=http://c\n")

    settings = load_settings(env_file)

    assert (settings.filestore_path, settings.data_path) == (Path("/store"), Path("/data"))
    assert (settings.database_url, settings.cdcs_url) == ("sqlite:////db.sqlite", "http://c")


def test_the_names_of_nexuslims_2_are_read(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("NX_INSTRUMENT_DATA_PATH=/store\nNX_DATA_PATH=/data\nNX_FILE_DELAY_DAYS=5\nNX_LOG_PATH=/log\n")

    settings = load_settings(env_file)

    assert (settings.filestore_path, settings.file_delay_days) == (Path("/store"), 5.0)


def test_foreign_names_are_ignored(env_file: Path) -> None:
    add(env_file, "USER=root", "PATH_TO=/x", "USER_NAME=y")

    assert load_settings(env_file).user is None


def test_the_login_of_the_shell_is_no_setting(env_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USER", "root")

    assert load_settings(env_file).user is None


def test_a_missing_setting_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigurationError, match=r"NEXUSLIMS_FILESTORE_PATH is not set.*NEXUSLIMS_DATA_PATH is not set"
    ):
        load_settings(tmp_path / "absent.env")


def test_an_unknown_name_names_the_nearest(env_file: Path) -> None:
    add(env_file, "NEXUSLIMS_CDSC_URL=http://c")

    with pytest.raises(ConfigurationError, match=r"NEXUSLIMS_CDSC_URL is no setting.*do you mean NEXUSLIMS_CDCS_URL"):
        load_settings(env_file)


def test_a_value_that_cannot_be_is_shown_with_its_name(env_file: Path) -> None:
    add(env_file, "NEXUSLIMS_WORKERS=none")

    with pytest.raises(ConfigurationError, match="NEXUSLIMS_WORKERS cannot be 'none'"):
        load_settings(env_file)


def test_an_empty_line_is_no_value(env_file: Path) -> None:
    add(env_file, "NEXUSLIMS_CDCS_URL=")

    assert load_settings(env_file).cdcs_url is None


def test_a_password_does_not_show(env_file: Path) -> None:
    add(env_file, "NEXUSLIMS_PASSWORD=tell-nobody")

    assert "tell-nobody" not in repr(load_settings(env_file))


def test_the_example_explains_every_setting() -> None:
    explained = set(re.findall(r"^#?(NEXUSLIMS_[A-Z_]+)=", EXAMPLE.read_text(), re.MULTILINE))
    older = {"NEXUSLIMS_PATH", "NEXUSLIMS_PASS", "NEXUSLIMS_FILE_DELAY_DAYS"}

    assert explained == {name for name in known_names() if name.startswith("NEXUSLIMS_")} - older
