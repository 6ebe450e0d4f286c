import subprocess
import sys
from pathlib import Path

import pytest

from nexuslims_core.cli.main import COMMANDS
from tests.nexuslims_core.conftest import Lab, Nexuslims

HEAVY = (
    "sqlalchemy",
    "pydantic",
    "lxml",
    "numpy",
    "requests",
    "rich",
    "h5py",
    "alembic",
    "nexuslims_core.codec",
)


def test_without_a_word_it_explains_itself(nexuslims: Nexuslims) -> None:
    said = nexuslims()

    assert said.code == 0
    assert all(command in said.out for command in COMMANDS)


@pytest.mark.parametrize("words", [(), *((command,) for command in COMMANDS)], ids=["none", *COMMANDS])
def test_help_imports_nothing_that_takes_time(words: tuple[str, ...]) -> None:
    script = f"""
import sys
from pathlib import Path
from nexuslims_core.cli.main import main
try:
    main([*{words}, "--help"])
except SystemExit:
    pass
sys.stderr.write(" ".join(name for name in {HEAVY} if name in sys.modules))
"""

    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert ended.stderr == ""
    assert "usage: nexuslims" in ended.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("frobnicate",),
        ("build",),
        ("build", "s1", "--waiting"),
        ("build", "s1", "--instrument", "x"),
        ("build", "--waiting", "--rebuild"),
        ("sessions",),
        ("sessions", "list", "--status", "FINE"),
        ("find", "--root", "/", "--from", "yesterday", "--to", "2026-01-01"),
        ("find", "--root", "/", "--from", "2026-01-01"),
        ("cluster", "x.json", "--method", "magic"),
        ("extract",),
        ("page", "x.xml"),
        ("doctor", "--frobnicate"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_said_on_stderr_with_code_2(nexuslims: Nexuslims, words: tuple[str, ...]) -> None:
    said = nexuslims(*words)

    assert (said.code, said.out) == (2, "")
    assert "nexuslims" in said.err


@pytest.mark.usefixtures("lab")
def test_with_json_an_error_is_a_document_too(nexuslims: Nexuslims) -> None:
    said = nexuslims("sessions", "show", "s1", "--json")

    sentence = "no session 's1': list them with `nexuslims sessions list`"
    assert (said.code, said.err) == (1, f"nexuslims: {sentence}\n")
    assert said.document == {"error": {"type": "UnknownSessionError", "sentence": sentence}}


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("NEXUSLIMS_DATA_PATH", None, "NEXUSLIMS_DATA_PATH is not set: put it into the environment or into .env"),
        (
            "NEXUSLIMS_DATA_PAHT",
            "/x",
            "NEXUSLIMS_DATA_PAHT is no setting of NexusLIMS; do you mean NEXUSLIMS_DATA_PATH?",
        ),
        ("NEXUSLIMS_WORKERS", "many", "NEXUSLIMS_WORKERS cannot be 'many'"),
        ("NEXUSLIMS_IGNORE_PATTERNS", "*.db", 'NEXUSLIMS_IGNORE_PATTERNS is no JSON list such as ["*.db", "~*"]'),
        ("NEXUSLIMS_CLUSTERING_METHOD", "magic", "NEXUSLIMS_CLUSTERING_METHOD cannot be 'magic'"),
        ("NEXUSLIMS_DB_URL", "mysql://x/y", "mysql is not supported: use SQLite or PostgreSQL"),
        ("NEXUSLIMS_CDCS_URL", "ftp://x", "NEXUSLIMS_CDCS_URL is set without NEXUSLIMS_CDCS_TOKEN"),
    ],
    ids=["missing", "unknown", "no number", "no list", "no method", "no database", "no token"],
)
@pytest.mark.usefixtures("lab")
def test_a_setting_that_cannot_be_used_is_named(
    nexuslims: Nexuslims, monkeypatch: pytest.MonkeyPatch, name: str, value: str | None, sentence: str
) -> None:
    if value is None:
        monkeypatch.delenv(name)
    else:
        monkeypatch.setenv(name, value)

    said = nexuslims("build", "--waiting")

    assert (said.code, said.out) == (1, "")
    assert said.err.startswith(f"nexuslims: {sentence}")
    assert said.err.count("\n") == 1


@pytest.mark.usefixtures("lab")
def test_a_file_of_settings_that_is_no_text_is_named(lab: Lab, nexuslims: Nexuslims) -> None:
    (lab.store.parent / ".env").write_bytes(b"NEXUSLIMS_DB_URL=\xff\xfe\n")

    said = nexuslims("db", "check")

    assert (said.code, said.err.startswith("nexuslims: the settings in .env cannot be read: ")) == (1, True)


def test_an_answer_that_cannot_be_written_is_said_in_a_sentence(lab: Lab) -> None:
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "nexuslims_core.cli.main", "sessions", "list"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            cwd=lab.store.parent,
        )

    said = "nexuslims: the command ran, and its answer cannot be written: No space left on device\n"
    assert (ended.returncode, ended.stderr) == (1, said)
