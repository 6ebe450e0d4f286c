"""INI texts that microscopes write: sections in brackets, ``key=value`` lines."""

from collections.abc import Mapping

Sections = Mapping[str, Mapping[str, str]]


def read_sections(text: str, first: str = "") -> Sections:
    """Read an INI text in which sections may come twice: keys add up, the first of two equal ones stays.

    Parameters
    ----------
    first
        Name of the section of lines that stand before any header.
    """
    sections: dict[str, dict[str, str]] = {}
    section: dict[str, str] = sections.setdefault(first, {}) if first else {}
    for line in map(str.strip, text.splitlines()):
        key, equals, value = line.partition("=")
        if line.startswith("[") and line.endswith("]"):
            section = sections.setdefault(line[1:-1], {})
        elif equals:
            section.setdefault(key.strip(), value.strip())
    return sections


def value_of(sections: Sections, section: str, key: str) -> str:
    """Return a value; empty where it is absent."""
    return sections.get(section, {}).get(key, "")
