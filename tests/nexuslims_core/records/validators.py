"""Two validators that know nothing of each other: libxml2, which the product asks, and xmlschema."""

from functools import cache
from pathlib import Path

import xmlschema

from nexuslims_core.records.validation import findings
from nexuslims_core.schemas import NEXUS_EXPERIMENT, schema_path

OUR_SCHEMA = schema_path(NEXUS_EXPERIMENT)


@cache
def second_opinion(schema: Path) -> xmlschema.XMLSchema:
    """Return a schema as xmlschema reads it, which takes a second."""
    return xmlschema.XMLSchema(str(schema))


def all_findings(xml: bytes, schema: Path = OUR_SCHEMA) -> list[str]:
    """Return what either of the two finds."""
    first = [str(finding) for finding in findings(xml, schema)]
    return first + [str(error) for error in second_opinion(schema).iter_errors(xml.decode())]
