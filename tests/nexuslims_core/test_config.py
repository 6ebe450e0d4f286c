import re
from pathlib import Path

import pytest

from nexuslims_core.config import known_names, load_logger_settings, load_settings
from nexuslims_core.config.logger import _state_folder
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


def test_the_numbered_nemo_servers_of_nexuslims_are_read_after_our_own(env_file: Path) -> None:
    add(env_file, "NEXUSLIMS_NEMO_URL=https://own/api/", "NEXUSLIMS_NEMO_TOKEN=own")
    add(env_file, "NX_NEMO_ADDRESS_2=https://two/api/", "NX_NEMO_TOKEN_2=two", "NX_NEMO_TZ_2=America/Denver")
    add(env_file, "NEMO_address_1=https://one/api/", "NEMO_token_1=one", "NEMO_token_3=without an address")

    servers = load_settings(env_file).every_nemo

    assert [server.address for server in servers] == ["https://own/api/", "https://one/api/", "https://two/api/"]
    assert [server.token.get_secret_value() for server in servers if server.token] == ["own", "one", "two"]
    assert [server.timezone for server in servers] == [None, None, "America/Denver"]


def test_the_environment_wins_over_the_file_for_a_numbered_server_too(
    env_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(env_file, "NX_NEMO_ADDRESS_1=https://one/api/", "NX_NEMO_TOKEN_1=old")
    monkeypatch.setenv("NX_NEMO_TOKEN_1", "new")

    (server,) = load_settings(env_file).every_nemo

    assert server.token is not None
    assert server.token.get_secret_value() == "new"


def test_the_logger_needs_no_setting_of_the_facility(tmp_path: Path) -> None:
    assert load_logger_settings(tmp_path / "absent.env").api_url is None


def test_the_logger_reads_its_own_settings(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("NEXUSLIMS_API_URL=https://a.example.org/airflow/\nNEXUSLIMS_USER=u\nNEXUSLIMS_QUEUE_PATH=/q\n")

    settings = load_logger_settings(env_file)

    assert (settings.api_url, settings.user) == ("https://a.example.org/airflow", "u")
    assert settings.queue_folder == Path("/q")


def test_the_facility_and_its_loggers_may_share_a_file(env_file: Path) -> None:
    add(env_file, "NEXUSLIMS_API_URL=https://a.example.org", "NEXUSLIMS_API_TIMEOUT=3")

    assert load_settings(env_file).data_path == Path("/data")
    assert load_logger_settings(env_file).api_timeout_s == 3


@pytest.mark.parametrize(
    "url", ["airflow.example.org", "ftp://a", "https://", "https://u:tell-nobody@a", "https://a?b=c", "http://[::1"]
)
def test_an_address_that_is_none_is_refused_and_no_password_shown(tmp_path: Path, url: str) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text(f"NEXUSLIMS_API_URL={url}\n")

    with pytest.raises(ConfigurationError, match="NEXUSLIMS_API_URL cannot be") as caught:
        load_logger_settings(env_file)

    assert "tell-nobody" not in str(caught.value)


@pytest.mark.parametrize(
    ("platform", "variables", "folder"),
    [
        ("linux", {"HOME": "/home/ada"}, "/home/ada/.local/state/nexuslims"),
        ("linux", {"HOME": "/home/ada", "XDG_STATE_HOME": "/state"}, "/state/nexuslims"),
        ("linux", {"HOME": "/home/ada", "XDG_STATE_HOME": "not/from/the/root"}, "/home/ada/.local/state/nexuslims"),
        ("darwin", {"HOME": "/Users/ada"}, "/Users/ada/Library/Application Support/NexusLIMS"),
        ("win32", {"HOME": "/ada", "LOCALAPPDATA": "/ada/Local"}, "/ada/Local/NexusLIMS"),
        ("win32", {"HOME": "/ada", "LOCALAPPDATA": ""}, "/ada/AppData/Local/NexusLIMS"),
    ],
    ids=["linux", "XDG", "broken XDG", "macOS", "Windows", "bare Windows"],
)
def test_the_queue_lies_where_the_platform_wants_it(
    monkeypatch: pytest.MonkeyPatch, platform: str, variables: dict[str, str], folder: str
) -> None:
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert _state_folder(platform) == Path(folder)


def test_those_who_are_told_are_parted_by_blanks_and_commas_which_a_chat_s_address_may_hold(env_file: Path) -> None:
    add(env_file, "NEXUSLIMS_ALERTS_TO=ada@example.org,bob@example.org  slack://a/b,c")

    told = [address.get_secret_value() for address in load_settings(env_file).alerts_to]

    assert told == ["ada@example.org", "bob@example.org", "slack://a/b,c"]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('NEXUSLIMS_ALERTS_TO=["slack://hush"', "NEXUSLIMS_ALERTS_TO cannot be what it is"),
        (
            'NEXUSLIMS_ALERTS_INSTRUMENTS={"Titan-1": "slack://hush"}',
            "NEXUSLIMS_ALERTS_INSTRUMENTS cannot be what it is",
        ),
        ("NEXUSLIMS_ALERTS_INSTRUMENTS=slack://hush", "NEXUSLIMS_ALERTS_INSTRUMENTS is no JSON object such as"),
        ("NEXUSLIMS_ALERTS_FROM=hush", "NEXUSLIMS_ALERTS_FROM cannot be what it is"),
        ("NEXUSLIMS_AIRFLOW_URL=airflow", "NEXUSLIMS_AIRFLOW_URL cannot be 'airflow': value error, write the address"),
    ],
    ids=["list", "values", "object", "sender", "address"],
)
def test_a_wrong_address_of_alerts_is_named_without_its_secrets(env_file: Path, line: str, sentence: str) -> None:
    add(env_file, line)

    with pytest.raises(ConfigurationError) as caught:
        load_settings(env_file)

    assert sentence in str(caught.value)
    assert "hush" not in str(caught.value)
