"""What a session was about, in a crate: the instrument, the samples, the projects, the licence."""

from nexuslims_core.datasets.cleaning import clean_text
from nexuslims_core.records.addresses import web_address
from nexuslims_core.records.crates.entities import Entity, one_line, stated
from nexuslims_core.records.models import RecordSample, Summary
from nexuslims_core.reservations.models import Project

INSTRUMENT = "#instrument"


def instrument_entity(summary: Summary) -> Entity:
    """Return the instrument; its id is its persistent one where that is an address."""
    pid = one_line(summary.instrument_pid)
    return stated(
        "IndividualProduct",
        web_address(pid) or INSTRUMENT,
        name=one_line(summary.instrument) or pid,
        identifier=pid,
    )


def sample_id(sample: RecordSample) -> str:
    """Return the id of a sample within one crate."""
    return f"#{sample.sample_id}"


def sample_entity(sample: RecordSample) -> Entity:
    """Return a sample as the reservation describes it."""
    said = sample.sample
    elements = f"Elements: {', '.join(map(one_line, said.elements))}" if said.elements else ""
    return stated(
        "Thing",
        sample_id(sample),
        name=one_line(said.name or sample.sample_id),
        description=clean_text("\n".join(filter(None, (*map(clean_text, said.description), elements)))),
        identifier=one_line(said.ref or ""),
        url=web_address(said.ref) if said.ref else None,
    )


def project_entity(project: Project, number: int) -> Entity:
    """Return a project, counted from 1, that the time was charged to."""
    named = (("Division", project.division), ("Group", project.group))
    within = "; ".join(f"{label}: {one_line(text)}" for label, text in named if text)
    return stated(
        "Project",
        f"#project-{number}",
        name=one_line(project.name or project.project_id or f"Project {number}"),
        description=within,
        identifier=one_line(project.project_id or ""),
        url=web_address(project.ref) if project.ref else None,
    )


def licence_entity(licence: str) -> Entity:
    """Return the licence: an address on the web stands for itself, any other text is what it says."""
    address = web_address(licence) if licence.startswith(("http://", "https://")) else None
    return stated(
        "CreativeWork",
        address or "#licence",
        name=address or "Terms of use",
        description=clean_text(licence) if address is None else f"The licence at {address}",
    )
