"""Mappings and rules for Prometheus: held against the names that are sent; Prometheus' promtool evaluates the rules."""

import re
import subprocess
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("airflow", reason="Airflow is not installed")

import tests.servers.airflow  # noqa: F401 - gives Airflow a home before anybody imports it
from nexuslims_airflow import metrics
from tests.deploy.conftest import program

pytestmark = pytest.mark.airflow

ROOT = Path(__file__).resolve().parents[2]
CASES = Path(__file__).with_name("prometheus_rules_test.yaml")
PAGE = (ROOT / "docs" / "metrics.md").read_text()
TAGS = {
    metrics.BUILT: ["COMPLETED", "Titan-1"],
    metrics.END_TO_ONLINE: ["Titan-1"],
    metrics.READ: ["Titan-1"],
    metrics.UNREADABLE: ["Titan-1"],
    metrics.STAGE: ["find_files", "Titan-1"],
    metrics.WAITING: [],
    metrics.OLDEST_WAIT: [],
}
"""Name to the values of its tags."""


def mappings() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((ROOT / "deploy" / "statsd_mapping.yaml").read_text())["mappings"]
    return found


def rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((ROOT / "deploy" / "prometheus_rules.yaml").read_text())["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


@pytest.mark.parametrize("name", TAGS)
def test_each_name_in_plain_statsd_has_one_mapping_with_a_label_for_each_tag(name: str) -> None:
    sent = ".".join(("airflow", name, *TAGS[name]))

    (found,) = [
        each for each in mappings() if fnmatchcase(sent, each["match"]) and each["match"].count(".") == sent.count(".")
    ]

    assert len(found.get("labels", {})) == len(TAGS[name]) == found["match"].count("*")


@pytest.mark.parametrize("name", TAGS)
def test_each_name_is_explained(name: str) -> None:
    assert f"| `{name}` |" in PAGE


def test_rules_ask_for_names_that_a_mapping_makes() -> None:
    made = {each["name"] for each in mappings()}

    asked = {name for rule in rules() for name in re.findall(r"nexuslims_\w+", rule["expr"])}

    assert asked
    assert {name.removesuffix("_bucket") for name in asked} <= made


def test_each_rule_speaks_when_it_should_and_only_then() -> None:
    promtool = program("promtool", "it comes with Debian's package prometheus")

    done = subprocess.run([promtool, "test", "rules", str(CASES)], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_each_rule_has_a_case_where_it_speaks_and_one_where_it_does_not() -> None:
    cases = [case for test in yaml.safe_load(CASES.read_text())["tests"] for case in test["alert_rule_test"]]

    for rule in rules():
        spoken = {"exp_alerts" in case for case in cases if case["alertname"] == rule["alert"]}
        assert spoken == {True, False}, rule["alert"]
