"""Answers to NEMO's forms: what a site asks when somebody books an instrument, switches it on or switches it off.

The names of the questions are those of NexusLIMS: ``experiment_title``, ``experiment_purpose``, ``project_id``,
``data_consent``, and the group ``sample_group`` with ``sample_name``, ``sample_or_pid``, ``sample_details`` and
``periodic_table``. A site may leave out any of them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nexuslims_core.reservations.models import Sample
from nexuslims_core.reservations.nemo_rest import one_line, unpacked
from nexuslims_core.reservations.rich_text import cut

CONSENT = "data_consent"
_AGREED = frozenset({"agree", "i agree", "agreed", "yes", "true"})
_SYMBOL = re.compile(r"[A-Z][a-z]?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What was answered to one form; None and nothing for what was not.

    Attributes
    ----------
    consent
        Whether the user agreed that the data are kept; None where that was not answered.
    asked
        Whether the form holds that question, answered or not.
    """

    title: str | None = None
    motivation: str | None = None
    project_id: str | None = None
    samples: tuple[Sample, ...] = ()
    consent: bool | None = None
    asked: bool = False

    def __bool__(self) -> bool:
        """Tell whether anything was asked that counts."""
        return self != Answers()

    def before(self, other: "Answers") -> "Answers":
        """Return these answers, completed by those of another form."""
        return Answers(
            title=self.title or other.title,
            motivation=self.motivation or other.motivation,
            project_id=self.project_id or other.project_id,
            samples=self.samples or other.samples,
            consent=other.consent if self.consent is None else self.consent,
            asked=self.asked or other.asked,
        )


def answers(form: object, consent_question: str = CONSENT) -> Answers:
    """Return what a form says as NEMO keeps it: each question by its name with its ``user_input``.

    Raises
    ------
    UnexpectedAnswerError
        If it is no form.
    """
    asked = unpacked(form)
    return Answers(
        title=_text(asked, "experiment_title"),
        motivation=_text(asked, "experiment_purpose"),
        project_id=_text(asked, "project_id"),
        samples=tuple(filter(None, map(_sample, _members(_input(asked, "sample_group"))))),
        consent=_consent(_input(asked, consent_question)),
        asked=consent_question in asked,
    )


def _input(asked: Mapping[str, Any], name: str) -> object:
    question = asked.get(name)
    return question.get("user_input") if isinstance(question, Mapping) else None


def _text(asked: Mapping[str, Any], name: str) -> str | None:
    return _said(_input(asked, name))


def _said(value: object) -> str | None:
    """Return an answer as text; choices of several are joined, and none is None."""
    if isinstance(value, list):
        value = ", ".join(filter(None, map(_said, value)))
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return cut(str(value).strip()) or None


def _consent(value: object) -> bool | None:
    """Return what was answered; all that does not clearly agree is a no."""
    if isinstance(value, bool):
        return value
    if isinstance(value, list):
        value = value[0] if len(value) == 1 else (" ".join(map(one_line, value)) or None)
    said = _said(value)
    return said.casefold().strip(" .!") in _AGREED if said else None


def _members(group: object) -> Iterator[Mapping[str, Any]]:
    """Yield the members of a group, whose keys are numbers as text."""
    if isinstance(group, Mapping):
        for _, member in sorted(group.items(), key=lambda item: (len(str(item[0])), str(item[0]))):
            if isinstance(member, Mapping):
                yield member


def _sample(member: Mapping[str, Any]) -> Sample | None:
    name, details = _said(member.get("sample_name")), _said(member.get("sample_details"))
    by_pid = (_said(member.get("sample_or_pid")) or "").casefold() == "pid"
    sample = Sample(
        name=None if by_pid else name,
        ref=name if by_pid else None,
        description=(details,) if details else (),
        elements=tuple(_elements(member.get("periodic_table"))),
    )
    return sample if sample != Sample() else None


def _elements(chosen: object) -> Iterator[str]:
    """Yield the symbols that were chosen in the periodic table, which comes as a list, or as text with commas."""
    listed = chosen if isinstance(chosen, list) else re.split(r"[\s,;]+", chosen if isinstance(chosen, str) else "")
    for symbol in dict.fromkeys(str(each).strip() for each in listed):
        if _SYMBOL.fullmatch(symbol):
            yield symbol
