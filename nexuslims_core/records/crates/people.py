"""People in a crate: by their ORCID where the name states one, else by an id that is made of the name."""

import re
from collections.abc import Iterable
from urllib.parse import quote

from nexuslims_core.records.crates.entities import Entity, one_line, reference, stated

_ORCID = re.compile(r"(?:https?://orcid\.org/)?\b(\d{4}-\d{4}-\d{4}-\d{3}[\dX])\b")


def people(names: Iterable[str]) -> tuple[Entity, ...]:
    """Return one entity a person, in the order of the names; a name that says nothing is nobody."""
    found = {person["@id"]: person for name in names if (person := _person(one_line(name)))}
    return tuple(found.values())


def references(persons: Iterable[Entity]) -> list[Entity]:
    """Return references to people."""
    return [reference(person["@id"]) for person in persons]


def _person(name: str) -> Entity | None:
    match = _ORCID.search(name)
    if match and _is_orcid(match[1]):
        alone = one_line(_ORCID.sub("", name)).strip(" ()[]<>,;")
        return stated("Person", f"https://orcid.org/{match[1]}", name=alone or match[1])
    return stated("Person", f"#person-{quote(name, safe='')}", name=name) if name else None


def _is_orcid(digits: str) -> bool:
    """Tell whether the last of 16 digits is the check digit of the others (ISO 7064, MOD 11-2)."""
    total = 0
    for digit in digits.replace("-", "")[:-1]:
        total = (total + int(digit)) * 2
    return digits[-1] == "0123456789X"[(12 - total % 11) % 11]
