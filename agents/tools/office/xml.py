"""Wraps lxml in four typed functions that read documents without entities or network."""

from typing import Any

from lxml import etree as _etree  # pyright: ignore[reportMissingTypeStubs, reportAttributeAccessIssue, reportUnknownVariableType]
from lxml import html as _html  # pyright: ignore[reportMissingTypeStubs]

from orchestrator.errors import ToolFailed


def _open(vendor: object) -> Any:
    return vendor


_lxml = _open(_etree)  # pyright: ignore[reportUnknownArgumentType]
_lxml_html = _open(_html)


def parsed(content: bytes) -> Any:
    """Returns the root element. Raises ToolFailed if it isn't XML."""
    try:
        return _lxml.fromstring(content, _lxml.XMLParser(resolve_entities=False, no_network=True))
    except _lxml.XMLSyntaxError as error:
        raise ToolFailed(f"Part of the file isn't valid XML ({error}). Create the file again.") from error


def tolerantly(content: bytes) -> Any:
    """Returns the root element of XML with small faults; None if nothing of it can be read."""
    parser = _lxml.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=True)
    try:
        return _lxml.fromstring(content, parser)
    except (_lxml.XMLSyntaxError, ValueError):
        return None


def streamed(stream: Any, *tags: str) -> Any:
    """Yields each element with one of these tags when it's complete, in any namespace, and forgets it afterward.

    `stream` is told with `done()` when an element is forgotten.
    """
    tests = tuple(f"{{*}}{tag}" for tag in tags)
    for _, element in _lxml.iterparse(
        stream, tag=tests, resolve_entities=False, no_network=True, recover=True, huge_tree=True
    ):
        yield element
        element.clear(keep_tail=False)
        while element.getprevious() is not None:
            del element.getparent()[0]
        stream.done()


def parsed_html(text: str) -> Any:
    """Returns a page's root element. Raises ToolFailed if there is none."""
    try:
        return _lxml_html.document_fromstring(text.encode(), parser=_lxml_html.HTMLParser(encoding="utf-8"))
    except (_lxml.ParserError, ValueError) as error:
        raise ToolFailed(f"It contains no readable HTML ({error}). Use read_file.") from error


def written(tree: Any) -> bytes:
    return bytes(_lxml.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True))


def canonical(content: bytes) -> bytes:
    """Returns the same bytes for XML with the same meaning; spaces between elements have none."""
    parser = _lxml.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=True)
    try:
        return bytes(_lxml.tostring(_lxml.fromstring(content, parser), method="c14n"))
    except _lxml.XMLSyntaxError as error:
        raise ToolFailed(f"Part of the file isn't valid XML ({error}). Create the file again.") from error


def add(parent: Any, tag: str, text: str) -> None:
    _lxml.SubElement(parent, tag).text = text


def html_words(tree: Any) -> str:
    """Serializes a page's tree as HTML."""
    return "<!DOCTYPE html>\n" + str(_lxml_html.tostring(tree, encoding="unicode"))
