"""deploy/values.yaml, for the official Helm chart: what can be told of it without a cluster."""

from typing import Any

import pytest
import yaml

from nexuslims_core.config import Settings
from tests.deploy.conftest import REPOSITORY


@pytest.fixture
def values() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((REPOSITORY / "deploy" / "values.yaml").read_text())
    return found


def test_raw_files_are_mounted_to_be_read_alone(values: dict[str, Any]) -> None:
    (mount,) = [each for each in values["volumeMounts"] if each["name"] == "filestore"]
    (volume,) = [each for each in values["volumes"] if each["name"] == "filestore"]

    assert mount["readOnly"] is True
    assert volume["persistentVolumeClaim"]["readOnly"] is True


def test_the_settings_are_those_of_the_image(values: dict[str, Any]) -> None:
    named = [each["name"] for each in values["env"]] + [each["envName"] for each in values["secret"]]

    known = {f"NEXUSLIMS_{name.upper()}" for name in Settings.model_fields}
    assert set(named) <= known
    assert {"NEXUSLIMS_FILESTORE_PATH", "NEXUSLIMS_DATA_PATH", "NEXUSLIMS_DB_URL"} <= set(named)


def test_it_says_what_the_chart_takes_as_text_and_number(values: dict[str, Any]) -> None:
    assert all(isinstance(each["value"], str) and set(each) == {"name", "value"} for each in values["env"])
    assert (values["uid"], values["gid"]) == (50000, 0)
    assert isinstance(values["defaultAirflowTag"], str)


def test_the_version_is_that_of_the_lock(values: dict[str, Any]) -> None:
    assert f"apache-airflow=={values['airflowVersion']} " in (REPOSITORY / "requirements.txt").read_text()


def test_every_sidecar_of_the_official_image_is_off(values: dict[str, Any]) -> None:
    groomed = (values["workers"]["celery"], values["scheduler"], values["dagProcessor"])

    assert not any(each["logGroomerSidecar"]["enabled"] for each in groomed)
