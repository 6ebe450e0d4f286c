"""The bundle of certificates in the settings reaches every service that is asked over HTTPS."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from nexuslims_core.config import NemoServer, Settings, load_settings
from nexuslims_core.db.database import Database
from nexuslims_core.stages.credentials import Login, nemos
from nexuslims_core.stages.facility import Facility, calendars, store
from tests.servers.authority import Authority

LOGIN: dict[str, Any] = {"user": "DOMAIN\\robot", "password": "sesame"}


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return Authority(tmp_path).bundle


@pytest.fixture
def settings(bundle: Path, tmp_path: Path) -> Settings:
    given: dict[str, Any] = {"filestore_path": tmp_path, "data_path": tmp_path, "ca_bundle": bundle}
    return Settings(_env_file=None, cdcs_url="https://cdcs.example.org", **LOGIN, **given)


def verified_with(client: Any) -> object:  # noqa: ANN401 - whatever has connections
    return client.session.verify


def test_cdcs_and_sharepoint_trust_it(settings: Settings, bundle: Path, tmp_path: Path) -> None:
    database = Database.create(f"sqlite:///{tmp_path / 'nexuslims.sqlite'}")

    (sharepoint,) = calendars(settings, Login(**LOGIN), database).values()

    assert verified_with(store(settings)) == str(bundle)
    assert verified_with(sharepoint) == str(bundle)


def test_nemo_trusts_it(settings: Settings, bundle: Path) -> None:
    root = "https://nemo.example.org/api/"
    access = nemos(settings, NemoServer(address=root, token=SecretStr("sesame")))
    facility = Facility(settings=settings, database=None, nemos=access)  # type: ignore[arg-type] # not asked here

    nemo = facility.nemo(root)

    assert verified_with(nemo) == str(bundle)


@pytest.mark.parametrize("name", ["NEXUSLIMS_CA_BUNDLE", "NX_CERT_BUNDLE_FILE"])
def test_it_is_read_by_both_names(name: str, bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, str(bundle))

    settings = load_settings(env_file=None, filestore_path=tmp_path, data_path=tmp_path)

    assert settings.ca_bundle == bundle
