from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from lxml import etree

from nexuslims_core.schemas import RECORD_LIST, RECORD_TO_HTML, schema_path
from nexuslims_core.testing.servers.cdcs import CdcsServer
from tests.nexuslims_core.conftest import Nexuslims

BASES = ("--preview-base", "https://p.example.org/it's", "--dataset-base", "https://r.example.org")


@pytest.fixture
def admin(published: CdcsServer) -> Iterator[requests.Session]:
    """An administrator of the CDCS of the settings, which has its own sheets back afterwards."""
    session = requests.Session()
    session.headers["Authorization"] = f"Token {published.admin_token}"
    yield session
    kept = {sheet["name"]: sheet["id"] for sheet in session.get(f"{published.url}/rest/xslt/", timeout=60).json()}
    for name in (RECORD_TO_HTML, RECORD_LIST):
        path = schema_path(name)
        content = {"content": path.read_text(), "name": path.stem, "filename": name}
        session.patch(f"{published.url}/rest/xslt/{kept[path.stem]}/", json=content, timeout=60).raise_for_status()


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    return tmp_path / "token"


def test_both_sheets_are_written_with_the_bases_filled_in(nexuslims: Nexuslims, tmp_path: Path) -> None:
    said = nexuslims("stylesheets", "--out", tmp_path / "new", *BASES, "--json")

    detail, listed = (etree.parse(path) for path in said.document["written"])
    assert detail.xpath("string(/*/*[@name='dataset_base']/@select)") == "'https://r.example.org'"
    assert listed.xpath("string(/*/*[@name='preview_base']/@select)") == '"https://p.example.org/it\'s"'


@pytest.mark.usefixtures("lab")
def test_the_bases_of_the_settings_are_taken(
    nexuslims: Nexuslims, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEXUSLIMS_PREVIEW_BASE_URL", "https://previews.example.org")

    nexuslims("stylesheets", "--out", tmp_path)

    assert "'https://previews.example.org'" in (tmp_path / RECORD_LIST).read_text()
    assert "'/instrument-data'" in (tmp_path / RECORD_TO_HTML).read_text()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "say where the stylesheets go: --out DIR, --load, or both"),
        (("--out", ".", "--preview-base", "'\"", "--dataset-base", ""), "holds both kinds of quotes"),
    ],
    ids=["nowhere to go", "no literal"],
)
def test_wrong_usage_is_said(nexuslims: Nexuslims, words: tuple[str, ...], told: str) -> None:
    said = nexuslims("stylesheets", *words)

    assert (said.code, told in said.err) == (2, True)


@pytest.mark.server
@pytest.mark.usefixtures("lab")
def test_cdcs_shows_records_with_the_sheets_that_were_loaded(
    nexuslims: Nexuslims, published: CdcsServer, admin: requests.Session, token_file: Path
) -> None:
    token_file.write_text(f"{published.admin_token}\n")

    said = nexuslims("stylesheets", "--load", "--token-file", token_file, *BASES)

    sheets = {sheet["id"]: sheet for sheet in admin.get(f"{published.url}/rest/xslt/", timeout=60).json()}
    renderings = admin.get(f"{published.url}/rest/template/xsl_rendering/", timeout=60).json()
    (shown,) = (each for each in renderings if each["template"] == published.template)
    assert (said.code, said.out) == (0, f"{published.url} shows records with them now\n")
    assert "https://r.example.org" in sheets[shown["default_detail_xslt"]]["content"]
    assert "https://p.example.org" in sheets[shown["list_xslt"]]["content"]


@pytest.mark.server
@pytest.mark.usefixtures("lab")
def test_an_account_that_may_not_load_sheets_is_told(
    nexuslims: Nexuslims, published: CdcsServer, token_file: Path
) -> None:
    token_file.write_text(published.token)

    said = nexuslims("stylesheets", "--load", "--token-file", token_file, *BASES)

    assert said.code == 1
    assert "do not have permission" in said.err


@pytest.mark.usefixtures("lab", "published")
@pytest.mark.server
def test_loading_asks_for_a_token_that_can_be_read(nexuslims: Nexuslims, token_file: Path) -> None:
    without = nexuslims("stylesheets", "--load", *BASES)
    absent = nexuslims("stylesheets", "--load", "--token-file", token_file, *BASES)

    assert (without.code, "--token-file FILE" in without.err) == (2, True)
    assert (absent.code, f"cannot read {token_file}" in absent.err) == (1, True)
