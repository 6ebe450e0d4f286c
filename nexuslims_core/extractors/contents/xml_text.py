"""XML that instruments write, read without what a hostile document could ask for."""

from lxml import etree

from nexuslims_core.datasets.cleaning import clean_text


def parsed_xml(text: str | bytes) -> etree._Element | None:
    """Return the root element of a small document from a file, read without DTD, entities and network; None if bad."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    content = text.encode("utf-8", "replace") if isinstance(text, str) else text
    try:
        return etree.fromstring(content.strip(b" \t\r\n\x00"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def as_tree(element: etree._Element) -> dict[str, object] | str:
    """Return an element as nested names; of several children of one name the last, of a child without any its text."""
    children = list(element.iterchildren("*"))
    if not children:
        return clean_text(element.text or "")
    return {str(child.tag): as_tree(child) for child in children}
