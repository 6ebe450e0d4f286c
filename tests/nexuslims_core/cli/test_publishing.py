import pytest

from nexuslims_core.testing.servers.cdcs import CdcsServer
from tests.nexuslims_core.cli.conftest import WriteRecord
from tests.nexuslims_core.conftest import Nexuslims, Public


@pytest.mark.server
@pytest.mark.usefixtures("lab")
def test_a_record_is_public_under_its_files_name(
    write_record: WriteRecord, nexuslims: Nexuslims, published: CdcsServer, public: Public
) -> None:
    path = write_record()

    said = nexuslims("publish", path, "--json")

    (told,) = said.document
    assert (said.code, told["record"], told["reason"]) == (0, str(path), None)
    assert told["url"] == f"{published.url}/data?id={told['record_id']}"
    assert public(path.stem) == [path.read_text()]


@pytest.mark.server
@pytest.mark.usefixtures("lab", "published")
def test_an_invalid_record_keeps_all_from_being_published(
    write_record: WriteRecord, nexuslims: Nexuslims, public: Public
) -> None:
    good, bad = write_record(), write_record("<captain>ada</captain>")

    said = nexuslims("publish", good, bad)

    assert (said.code, said.err.endswith("; nothing was published\n")) == (1, True)
    assert public(good.stem) == []


@pytest.mark.server
@pytest.mark.usefixtures("lab", "published")
def test_a_refused_token_is_said(
    write_record: WriteRecord, nexuslims: Nexuslims, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEXUSLIMS_CDCS_TOKEN", "sesame")

    said = nexuslims("publish", write_record())

    assert (said.code, "refuse" in said.out) == (1, True)


@pytest.mark.usefixtures("lab")
def test_without_an_address_it_says_what_to_set(write_record: WriteRecord, nexuslims: Nexuslims) -> None:
    said = nexuslims("publish", write_record())

    assert said.err == "nexuslims: NEXUSLIMS_CDCS_URL is not set: say where to publish (see .env.example)\n"
    assert said.code == 1
