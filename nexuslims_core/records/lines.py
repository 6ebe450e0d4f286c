"""In which line each element of a document begins, however many lines there are.

libxml2 keeps 16 bits for the line of an element: from 65,535 on it asks the text beside it, and without any it is lost.
"""

from xml.parsers import expat

LOST = 65_535
"""What libxml2 says of an element whose line it has lost."""


def element_lines(xml: bytes) -> list[int]:
    """Return the line in which each element's tag begins, counted from 1, in the order of the document.

    Nothing is returned for a document in an encoding that this reader does not know.
    """
    lines: list[int] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda _name, _attributes: lines.append(parser.CurrentLineNumber)
    try:
        parser.Parse(xml, True)  # noqa: FBT003 - expat's own way to say that this is all
    except expat.ExpatError:
        return []
    return lines
