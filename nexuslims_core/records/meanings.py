"""What a finding of the XML library means for people: what to do, in plain words, for the usual kinds."""

import re
from collections.abc import Callable

_EXPECTED = re.compile(r"Expected is (?:one of )?\( (.+) \)")
_KIND_OF_VALUE = re.compile(r"of the atomic type '(?:\w+:)?(\w+)'")
_WRITE = {
    "dateTime": "Write a time such as 2019-11-13T10:00:00-05:00, or leave the element out where no time is known.",
    "integer": "Write a whole number.",
    "boolean": "Write true or false.",
    "anyURI": "Write an address such as https://example.org/a%20b, with all unusual signs percent-encoded.",
    "token": "Write one line with single blanks and no control characters.",
}
_NOT_WELL_FORMED = (
    (
        ("Premature end", "is empty", "not found", "Couldn't find end"),
        "The file was cut short: build or copy it again.",
    ),
    (("EntityRef", "Entity"), "A bare & or an entity stands there: write &amp; for &, and &lt; for <."),
    (("invalid Char", "out of allowed range", "xmlParseCharRef"), "A control character stands there: take it out."),
    (("encoding", "UTF-8", "conv", "bytes"), "It is not in the encoding that it claims: save it as UTF-8."),
    (("mismatch", "StartTag", "Extra content"), "A tag is not closed, or a bare < stands there: write &lt; for <."),
)


def meaning(kind: str, said: str) -> str:
    """Return what to do about a finding of the schema, or nothing where its own words are all there is.

    Parameters
    ----------
    kind
        libxml2's name of the error, such as ``SCHEMAV_ELEMENT_CONTENT``.
    said
        libxml2's sentence, without namespaces.
    """
    tell = _MEANINGS.get(kind)
    return tell(said) if tell else ""


def meaning_of_broken(said: str) -> str:
    """Return what to do about text that is no XML."""
    found = (told for words, told in _NOT_WELL_FORMED if any(word in said for word in words))
    return next(found, "It is no XML: build it again, or open it in an editor that marks the place.")


def _content(said: str) -> str:
    match = _EXPECTED.search(said)
    wanted = " or ".join(f"<{name.strip()}>" for name in match[1].split(",")) if match else ""
    if "Missing child" in said:
        return f"Something that must be in it is missing: add {wanted}." if wanted else "Something in it is missing."
    if not wanted:
        return "Nothing of this name may stand here, or not twice: correct its name, or take it out."
    return (
        f"Here only {wanted} may stand: move this element to its place in the schema's order, "
        "correct its name, add what is missing before it, or take it out."
    )


def _value(said: str) -> str:
    match = _KIND_OF_VALUE.search(said)
    return _WRITE.get(match[1], "") if match else ""


_MEANINGS: dict[str, Callable[[str], str]] = {
    "SCHEMAV_ELEMENT_CONTENT": _content,
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_1": _value,
    "SCHEMAV_CVC_ENUMERATION_VALID": lambda _said: "Write one of the values in the set, in the same case.",
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1": lambda _said: "Correct the attribute's name, or take it out.",
    "SCHEMAV_CVC_COMPLEX_TYPE_2_3": lambda _said: "Put the text into one of its elements, or take it out.",
    "SCHEMAV_CVC_ELT_4_2": lambda _said: "A note's entry is a TextEntry, an ImageEntry or a TableEntry: name one.",
    "SCHEMAV_CVC_ELT_1": lambda _said: "It is no record: a record begins with Experiment in the schema's namespace.",
}
