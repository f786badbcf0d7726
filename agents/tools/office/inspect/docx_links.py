"""Finds broken links and references in a Word document."""

import re
from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn

from agents.tools.office.inspect import link_spelling
from agents.tools.office.word.runs import whole

_REFERENCE = re.compile(r"\s*(?:REF|PAGEREF|NOTEREF)\s+\"?([\w.-]+)")
_FAILED = re.compile(r"Error! [A-Z][\w ]+ (?:not found|not defined|found)")


def wrong(document: Any) -> list[str]:
    """Returns broken internal links, bookmark references, and invalid addresses."""
    body = document.element.body
    there = {mark.get(qn("w:name")) for mark in body.iter(qn("w:bookmarkStart"))} | {"_top", "_Top"}
    inside = [link.get(qn("w:anchor")) for link in body.iter(qn("w:hyperlink")) if not link.get(qn("r:id"))]
    codes = [f.get(qn("w:instr")) or "" for f in body.iter(qn("w:fldSimple"))]
    codes += ["".join(t.text or "" for t in run.iter(qn("w:instrText"))) for run in body.iter(qn("w:r"))]
    named = [m[1] for code in codes if (m := _REFERENCE.match(code)) and m[1] not in inside]
    found = [f"a link to {n!r}, which doesn't exist" for n in dict.fromkeys(inside) if n and n not in there]
    found += [f"a reference to {n!r}, which doesn't exist" for n in dict.fromkeys(named) if n not in there]
    addresses = [r.target_ref for r in document.part.rels.values() if r.reltype == RELATIONSHIP_TYPE.HYPERLINK]
    found += [words for address in dict.fromkeys(addresses) if (words := link_spelling.wrong(str(address)))]
    errors = (m[0] for p in body.iter(qn("w:p")) if (m := _FAILED.search(whole(p))))
    return [*found, *dict.fromkeys(f"the text contains {words!r}" for words in errors)]
