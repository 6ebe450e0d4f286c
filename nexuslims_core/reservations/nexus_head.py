"""The head of a Nexus Experiment read as a reservation: title, id, summary, sample, project.

This is what a stylesheet makes of a calendar's entry, so a site's own stylesheet may fill any element of the schema.
"""

from datetime import datetime

from lxml import etree

from nexuslims_core.errors import UnexpectedAnswerError
from nexuslims_core.reservations.models import Project, Reservation, Sample
from nexuslims_core.reservations.rich_text import cut
from nexuslims_core.schemas import NEXUS_NAMESPACE

_NX = {"nx": NEXUS_NAMESPACE}


def to_reservation(experiment: etree._Element, *, recurring: bool = False) -> Reservation:
    """Return the reservation that an Experiment's head describes.

    Parameters
    ----------
    recurring
        Whether it stands for a series of events; the schema has no element for it.

    Raises
    ------
    UnexpectedAnswerError
        If it has no id, or not two times with offset of which the second is later.
    """
    summary = experiment.find("nx:summary", _NX)
    reservation_id = _text(experiment, "id")
    if summary is None or reservation_id is None:
        raise UnexpectedAnswerError("an event has no id or no summary")
    try:
        return Reservation(
            reservation_id=reservation_id,
            start=datetime.fromisoformat(_text(summary, "reservationStart") or ""),
            end=datetime.fromisoformat(_text(summary, "reservationEnd") or ""),
            title=_text(experiment, "title"),
            experimenters=_texts(summary, "experimenter"),
            collaborators=_texts(summary, "collaborator"),
            motivation=_text(summary, "motivation"),
            samples=tuple(map(_sample, experiment.findall("nx:sample", _NX))),
            projects=tuple(map(_project, experiment.findall("nx:project", _NX))),
            url=summary.get("ref"),
            recurring=recurring,
        )
    except ValueError as error:
        raise UnexpectedAnswerError(f"event {reservation_id}: {error}") from error


def _sample(element: etree._Element) -> Sample:
    return Sample(
        name=_text(element, "name"),
        ref=element.get("ref"),
        description=_texts(element, "description"),
        elements=tuple(etree.QName(symbol).localname for symbol in element.iterfind("nx:elements/nx:*", _NX)),
    )


def _project(element: etree._Element) -> Project:
    return Project(
        name=_text(element, "name"),
        division=_text(element, "division"),
        group=_text(element, "group"),
        project_id=_text(element, "project_id"),
        ref=_text(element, "ref"),
    )


def _text(parent: etree._Element, name: str) -> str | None:
    return next(iter(_texts(parent, name)), None)


def _texts(parent: etree._Element, name: str) -> tuple[str, ...]:
    """Return what the children of one name say, each once, in their order."""
    said = (cut(child.text.strip()) for child in parent.iterfind(f"nx:{name}", _NX) if child.text)
    return tuple(dict.fromkeys(text for text in said if text))
