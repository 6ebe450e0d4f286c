"""The activity diagram: fresh, and true to the package."""

import importlib
import pkgutil

import pytest
from lxml import etree

from nexuslims_core import stages
from nexuslims_core.sessions.states import ALLOWED_MOVES, RecordStatus
from tools import draw_activity_diagram as diagram


@pytest.fixture(scope="module")
def committed() -> etree._Element:
    return etree.fromstring(diagram.PICTURE.read_bytes())


def test_the_committed_picture_is_what_the_script_draws() -> None:
    committed = diagram.PICTURE.read_text("utf-8")

    assert committed == diagram.picture(), "the picture is stale: run `make docs`"


def test_the_picture_shows_every_stage_once_and_nothing_else(committed: etree._Element) -> None:
    names = [module.name for module in pkgutil.iter_modules(stages.__path__)]
    modules = {name: importlib.import_module(f"nexuslims_core.stages.{name}") for name in names}

    shown = committed.xpath("//@data-stage")

    assert sorted(shown) == sorted(name for name, module in modules.items() if hasattr(module, name))


def test_the_picture_ends_where_a_waiting_session_can_go(committed: etree._Element) -> None:
    waiting = RecordStatus.TO_BE_BUILT

    shown = set(committed.xpath("//@data-state"))

    assert shown == {state.value for state in ALLOWED_MOVES[waiting] | {waiting}}


def test_every_arrow_joins_two_steps_of_the_picture() -> None:
    steps = {step.name for step in diagram.STEPS}

    joined = {name for flow in diagram.FLOWS for name in (flow.start, flow.end)}

    assert joined == steps
