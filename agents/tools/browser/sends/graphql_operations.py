"""Says what GraphQL documents do, by the kind of each operation and the names of what they ask for. Pure."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress

from pydantic import JsonValue

_LITERALS = re.compile(r'#[^\n]*|"""(?s:.)*?"""|"(?:[^"\\\n]|\\.)*"')
_TOKEN = re.compile(r"[{}()]|@?\w+:?|\.\.\.")
_KINDS = frozenset(("query", "mutation", "subscription", "fragment"))


def documents(content: JsonValue) -> list[str] | None:
    """Returns the documents of a request, or of several in one; None if that isn't what it holds."""
    if isinstance(content, str):
        return [content] if re.match(r"\s*(query|mutation|subscription)\b[^{;]*\{", content) else None
    if isinstance(content, list):
        found = [documents(one) for one in content]
        return [text for one in found if one for text in one] if found and None not in found else None
    if not isinstance(content, dict):
        return None
    text, packed = content.get("query"), content.get("operations")
    if isinstance(text, str) and "{" in text:
        return [text]
    with suppress(ValueError, RecursionError):
        return documents(json.loads(packed)) if isinstance(packed, str) else None
    return None


def mutates(document: str) -> bool:
    """Returns whether one of its operations is a mutation."""
    return any(depth == 0 and token == "mutation" for depth, token in _tokens(document))


def asked_for(document: str) -> tuple[str, ...]:
    """Returns the names of the outermost fields of its operations, without their aliases."""
    found: list[str] = []
    part = ""
    for depth, token in _tokens(document):
        if depth == 0 and token in _KINDS:
            part = token
        elif depth == 1 and part != "fragment":
            found.append(token)
    return tuple(found)


def _tokens(document: str) -> Iterator[tuple[int, str]]:
    """Yields each name with how many braces are around it; what is in parentheses is left out."""
    depth = inside = 0
    after_sign = False
    for token in _TOKEN.findall(_LITERALS.sub(" ", document)):
        depth += (token == "{") - (token == "}")
        inside += (token == "(") - (token == ")")
        if token[0].isalpha() and not inside and not after_sign and not token.endswith(":"):
            yield depth, token
        after_sign = token == "..."
