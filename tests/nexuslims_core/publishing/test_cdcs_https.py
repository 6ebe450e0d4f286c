"""CdcsStore over HTTPS, before a real CDCS whose certificate an authority of the site's own has signed."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nexuslims_core.config import Settings
from nexuslims_core.errors import ConfigurationError, ServiceUnavailableError
from nexuslims_core.publishing.base import RecordStore
from nexuslims_core.stages.facility import store as open_store
from nexuslims_core.testing.servers.cdcs import CdcsServer
from nexuslims_core.trust import open_session
from tests.nexuslims_core.publishing.conftest import Held, MakeStore, WriteRecord
from tests.servers import faulty_proxy
from tests.servers.authority import Authority
from tests.servers.faulty_proxy import FaultyProxy

OpenStore = Callable[[Path], RecordStore]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


@pytest.fixture
def https(cdcs: CdcsServer, authority: Authority) -> Iterator[FaultyProxy]:
    with FaultyProxy(cdcs.url, tls=authority.server()) as proxy:
        yield proxy


@pytest.fixture
def facility_store(https: FaultyProxy, cdcs: CdcsServer, tmp_path: Path) -> OpenStore:
    """Open the store of a facility whose settings name a bundle."""
    return lambda bundle: _store(tmp_path, https.url, cdcs.token, bundle)


def _store(folder: Path, url: str, token: str, bundle: Path) -> RecordStore:
    given = {"filestore_path": folder, "data_path": folder, "cdcs_url": url, "cdcs_token": token, "ca_bundle": bundle}
    found = open_store(Settings(_env_file=None, **given))
    assert found is not None
    return found


def test_a_bundle_of_the_settings_is_trusted(
    facility_store: OpenStore, authority: Authority, write_record: WriteRecord, title: str
) -> None:
    receipt = facility_store(authority.bundle).put(title, write_record())

    assert receipt.url.startswith("https://")


def test_the_bundle_wins_over_the_environment(
    facility_store: OpenStore,
    authority: Authority,
    write_record: WriteRecord,
    title: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(Authority(authority.folder / "another", "another").bundle))

    receipt = facility_store(authority.bundle).put(title, write_record())

    assert receipt.record_id


def test_the_bundle_of_the_environment_counts_where_there_is_no_other(
    https: FaultyProxy,
    authority: Authority,
    make_store: MakeStore,
    write_record: WriteRecord,
    title: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.bundle))

    receipt = make_store(url=https.url).put(title, write_record())

    assert receipt.record_id


def test_an_authority_that_nobody_named_is_not_trusted(
    https: FaultyProxy, make_store: MakeStore, write_record: WriteRecord, title: str
) -> None:
    with pytest.raises(ServiceUnavailableError, match=r"not trusted: .*; .*NEXUSLIMS_CA_BUNDLE"):
        make_store(url=https.url, pauses_s=()).put(title, write_record())

    assert https.seen == []


@pytest.mark.parametrize(
    "fault", [faulty_proxy.lose_answer_by_reset, faulty_proxy.lose_answer_in_drips], ids=["reset", "drip"]
)
def test_a_lost_answer_over_https_makes_no_second_record(
    https: FaultyProxy,
    authority: Authority,
    make_store: MakeStore,
    write_record: WriteRecord,
    held: Held,
    title: str,
    *,
    fault: faulty_proxy.Fault,
) -> None:
    store = make_store(url=https.url, timeout_s=(5, 0.5), session=open_session(authority.bundle))
    https.faults["POST", "/rest/data/"] = [fault]

    receipt = store.put(title, write_record())

    assert [str(record["id"]) for record in held(title)] == [receipt.record_id]


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "No such file"), ("no certificate", "holds no certificate in PEM")],
    ids=["absent", "no certificate"],
)
def test_a_bundle_that_is_none_is_said_at_once(tmp_path: Path, content: str | None, reason: str) -> None:
    bundle = tmp_path / "bundle.pem"
    if content is not None:
        bundle.write_text(content)

    with pytest.raises(ConfigurationError, match=f"NEXUSLIMS_CA_BUNDLE: .*{reason}"):
        _store(tmp_path, "https://127.0.0.1", "sesame", bundle)
