import json
from collections.abc import Mapping

import pytest

from nexuslims_core.errors import UnexpectedAnswerError
from nexuslims_core.reservations.answers import Answers, answers
from nexuslims_core.reservations.models import Sample


def form(**given: object) -> dict[str, object]:
    """Return answers as NEMO keeps them: each question with its ``user_input``."""
    return {name: {"name": name, "title": name, "user_input": value} for name, value in given.items()}


def test_an_answered_form_is_read_whole() -> None:
    samples = {
        "1": {"sample_name": "https://hdl.example.org/1/2", "sample_or_pid": "PID", "sample_details": None},
        "0": {
            "sample_name": "LNO-17",
            "sample_or_pid": "Sample Name",
            "sample_details": "10 nm",
            "periodic_table": ["Ni", "O"],
        },
    }

    said = answers(
        form(
            experiment_title="EELS",
            experiment_purpose="Ni <b>valence</b>",
            project_id="N.1",
            data_consent="Agree",
            sample_group=samples,
        )
    )

    assert said == Answers(
        title="EELS",
        motivation="Ni <b>valence</b>",
        project_id="N.1",
        samples=(
            Sample(name="LNO-17", description=("10 nm",), elements=("Ni", "O")),
            Sample(ref="https://hdl.example.org/1/2"),
        ),
        consent=True,
        asked=True,
    )


@pytest.mark.parametrize(
    "nothing",
    [
        None,
        "",
        {},
        "null",
        {"experiment_title": {"title": "Title"}},
        form(sample_group={}),
        form(experiment_title="  "),
    ],
    ids=["null", "no text", "no questions", "null as text", "unanswered", "no samples", "blank"],
)
def test_what_was_not_answered_is_nothing(nothing: object) -> None:
    assert not answers(nothing)


def test_answers_may_be_json_inside_a_string() -> None:
    assert answers(json.dumps(form(experiment_title="EELS"))).title == "EELS"


@pytest.mark.parametrize("broken", ["{", "[1]", 7], ids=["cut", "list", "number"])
def test_what_is_no_form_is_said(broken: object) -> None:
    with pytest.raises(UnexpectedAnswerError, match="NEMO holds answers to a form"):
        answers(broken)


@pytest.mark.parametrize(
    ("answer", "consent"),
    [
        ("Agree", True), ("agree ", True), ("Yes", True), (["Agree"], True), (True, True),
        ("Disagree", False), ("No", False), ("Agree, but not the images", False),
        ([], None), (["Agree", "Disagree"], False),
        (False, False), ("", None), (None, None),
    ],
)  # fmt: skip
def test_only_a_clear_yes_is_consent(answer: object, consent: bool | None) -> None:
    assert answers(form(data_consent=answer)).consent is consent


def test_a_site_may_call_its_question_otherwise() -> None:
    said = answers(form(zustimmung="Agree", data_consent="Disagree"), "zustimmung")

    assert said.consent is True


@pytest.mark.parametrize(
    ("chosen", "elements"),
    [(["Fe", "Fe", "", "not one"], ("Fe",)), ("Ni, O;La", ("Ni", "O", "La")), (None, ()), ({"Fe": True}, ())],
    ids=["list", "text", "none", "else"],
)
def test_elements_come_as_a_list_or_as_text(chosen: object, elements: tuple[str, ...]) -> None:
    said = answers(form(sample_group={"0": {"sample_name": "a", "periodic_table": chosen}}))

    assert said.samples[0].elements == elements


def test_a_question_of_consent_was_asked_even_if_nobody_answered_it() -> None:
    said = answers({"data_consent": {"name": "data_consent", "title": "Agree?"}})

    assert (said.asked, said.consent) == (True, None)


def test_answers_are_completed_and_not_replaced() -> None:
    later: Mapping[str, object] = form(experiment_title="as done", data_consent="Disagree")
    earlier: Mapping[str, object] = form(experiment_title="as planned", project_id="N.1", data_consent="Agree")

    both = answers(later).before(answers(earlier))

    assert (both.title, both.project_id, both.consent) == ("as done", "N.1", False)
