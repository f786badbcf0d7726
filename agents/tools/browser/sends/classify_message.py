"""Tells what a message by other means than GET is for: by method, operation, address and content. Pure."""

import re
from collections.abc import Iterable
from enum import StrEnum
from urllib.parse import urlsplit

from pydantic import JsonValue

from agents.tools.browser.sends.graphql_operations import asked_for, documents, mutates
from agents.tools.browser.sends.operation_words import (
    BROUGHT,
    CLAUSES,
    COUNTED,
    GRAVE,
    OPERATION,
    PERSONAL,
    READS,
    SEARCH,
    SHOWN,
    TELEMETRY,
    WRITES,
    WRITES_BY_GET,
    plain,
    words_of,
)
from agents.tools.browser.sends.outgoing_message import MESSAGE, SOCKET, Field, Outgoing

POSTS = ("POST", MESSAGE)
_SAFE = ("QUERY", "SEARCH", "REPORT", "PROPFIND")
_STREAMS = frozenset(("subscribe", "unsubscribe", "hello", "init", "ping", "pong", "heartbeat"))
"""What a page says on a WebSocket to receive more."""
_BANNERS, _COOKIES = frozenset(("gdpr", "cmp", "cookieconsent")), frozenset(("cookie", "cookies", "privacy"))
_CHOICES = frozenset(("consent", "consents", "banner", "preferences", "choice", "choices"))
"""Where pages keep the answer to a cookie banner; consent alone may be a contract's."""
_REPORTS = frozenset(("event", "type", "task"))
"""Names of operations below the outermost level that may as well be what is reported or filtered by."""
_STATEMENT = re.compile(
    r"(?:^|;)\s*(?:insert\s+into\b|update\s+\S+\s+set\b|delete\s+from\s+\S+\s*(?:;|$|where\b)|drop\s+(?:table|graph|view"
    r"|database)\b|truncate\s+table\b|alter\s+table\b|create\s+(?:table|user|view)\b|merge\s+into\b)"
    r"|\b(?:insert|delete)\s+(?:data\s*\{|where\s*\{)|\bmatch\s*\(.*\)\s*(?:set|delete|detach|create|merge|remove)\b",
    re.I | re.S,
)
"""Statements of SQL, SPARQL and Cypher that change something."""


class Nature(StrEnum):
    """What a message is for, as far as it can be seen."""

    READ = "read"
    UNCLEAR = "unclear"
    SEND = "send"


def endpoint_of(message: Outgoing) -> str:
    """Returns what people approve for a whole task, in words."""
    where = message.address.split("://", 1)[-1]
    if message.kind == SOCKET:
        return f"messages on the open connection to {where}"
    what = "queries" if is_query(message) else f"{message.method} requests that only read"
    return f"{what} to {where}"


def nature_of(message: Outgoing) -> Nature:
    """Judges by method, operation and address; a word that names a change outweighs one that names a search."""
    if message.method not in (*POSTS, *_SAFE):
        return Nature.SEND
    content = message.content()
    if (found := _graphql(message, content)) is not None:
        return found
    fields = message.fields()
    if any(_STATEMENT.search(f.value) for f in fields) or any(_orders(f) for f in fields):
        return Nature.SEND
    told = _told(message, content, READS | SHOWN)
    if Nature.SEND in told:
        return Nature.SEND
    if message.method in _SAFE:
        return Nature.READ
    if Nature.READ in told:
        brought = {plain(f.name) for f in fields if f.value.strip()} & BROUGHT
        return Nature.UNCLEAR if brought and Nature.READ not in _told(message, content, READS) else Nature.READ
    names = {plain(f.name) for f in fields}
    return Nature.READ if names and names <= SEARCH and names & CLAUSES else Nature.UNCLEAR


def is_query(message: Outgoing) -> bool:
    """Returns whether it asks for data in GraphQL, which by its own kind only reads."""
    return _graphql(message, message.content()) is Nature.READ


def answers_banner(message: Outgoing) -> bool:
    """Returns whether it keeps the answer to a cookie banner."""
    told = frozenset(word for part in _parts(message.address) for word in words_of(part))
    return bool(told & _BANNERS or (told & _COOKIES and told & _CHOICES) or len(told & _CHOICES) > 1)


def gives_personal_data(message: Outgoing) -> bool:
    """Returns whether it contains what people tell about themselves, or write to somebody."""
    return any(plain(f.name) in PERSONAL and f.value.strip() for f in message.fields())


def is_grave(message: Outgoing) -> bool:
    """Returns whether it names a change that no ordinary page makes by itself while it loads."""
    content = message.content()
    named = [f.value for f in _operations(message, content)] + [*_parts(message.address)][-1:]
    named += [name for document in documents(content) or () for name in asked_for(document) if mutates(document)]
    return any(set(words_of(one)[:1]) & GRAVE for one in named) and not answers_banner(message)


def is_telemetry(message: Outgoing) -> bool:
    """Returns whether the page reports how it is used; nothing on it depends on an answer."""
    last = {word for part in [*_parts(message.address)][-1:] for word in words_of(part)}
    return message.method == "POST" and bool(last & (COUNTED if message.kind == "ping" else TELEMETRY))


def mutates_by_address(message: Outgoing) -> bool:
    """Returns whether the query of an address holds a GraphQL mutation."""
    return any(plain(f.name) == "query" and mutates(f.value) for f in message.query() if "{" in f.value)


def _told(message: Outgoing, content: JsonValue, reads: frozenset[str]) -> list[Nature]:
    streams = message.kind == SOCKET
    told = [_named(f.value, reads, streams=streams) for f in _operations(message, content)]
    return told if streams else [*told, _placed(message, reads)]


def _operations(message: Outgoing, content: JsonValue) -> list[Field]:
    named = [f for f in message.fields() if len(f.path) == 1 and plain(f.name) in OPERATION]
    if message.kind == SOCKET and isinstance(content, list) and content and isinstance(content[0], str):
        named.append(Field((), content[0]))
    if message.kind == SOCKET and isinstance(content, str):
        named.append(Field((), content.split(" ")[0]))
    return named


def _orders(one: Field) -> bool:
    """Returns whether a value inside names an operation that changes something."""
    inside = len(one.path) > 1 and plain(one.name) in OPERATION - _REPORTS
    return inside and bool(set(words_of(one.value)[:1]) & WRITES_BY_GET)


def _named(operation: str, reads: frozenset[str], *, streams: bool = False) -> Nature:
    """Judges the name of an operation: `listOrders` reads, `orders.delete` doesn't."""
    words = words_of(operation)
    if not words or len(words) > 6:
        return Nature.UNCLEAR
    if streams and words[0] in _STREAMS:
        return Nature.READ
    if words[0] in reads and not WRITES_BY_GET.intersection(words):
        return Nature.READ
    if WRITES.intersection(words):
        return Nature.UNCLEAR if words[-1] in reads and words[0] not in WRITES_BY_GET else Nature.SEND
    return Nature.READ if reads.intersection(words) else Nature.UNCLEAR


def _placed(message: Outgoing, reads: frozenset[str]) -> Nature:
    """Judges an address by its last part with words, then by the parts before it."""
    parts = [*_parts(message.address)]
    if not parts:
        return Nature.UNCLEAR
    if answers_banner(message):
        return Nature.READ
    last = _named(parts[-1], reads)
    if last is not Nature.UNCLEAR:
        return last
    before = [_named(part, reads) for part in parts[:-1]]
    return Nature.READ if Nature.READ in before and Nature.SEND not in before else Nature.UNCLEAR


def _parts(address: str) -> Iterable[str]:
    parts = urlsplit(address).path.split("/")
    return (part for part in parts if words_of(part) and not re.fullmatch(r"v\d+|api", part.lower()))


def _graphql(message: Outgoing, content: JsonValue) -> Nature | None:
    """Returns what GraphQL documents do; None if the content isn't one."""
    inner = content.get("payload") if isinstance(content, dict) and message.kind == SOCKET else None
    found = documents(content) or documents(inner)
    if found:
        named = [name for one in found for name in asked_for(one)]
        writes = any(map(mutates, found)) or any(set(words_of(name)[:1]) & WRITES_BY_GET for name in named)
        return Nature.SEND if writes else Nature.READ
    name = content.get("operationName") if isinstance(content, dict) and "extensions" in content else None
    if not isinstance(name, str):
        return None
    told = _named(name, READS | SHOWN)
    return Nature.READ if told is not Nature.SEND and words_of(name)[-1:] == ["query"] else told
