"""Says in words what a message would send. Pure."""

from agents.tools.browser.sends.outgoing import SOCKET, Field, Outgoing, flat
from orchestrator.domain.plural import counted

MOST = 1_500
"""Characters of one description."""
_VALUE = 400


def words(message: Outgoing) -> str:
    """Returns the way, the place, and every value, e.g. `POST shop.example/order: item: Mug, amount: 2`."""
    way = "WebSocket message" if message.kind == SOCKET else message.method
    content = _content(message)
    return _cut(f"{way} {message.address.split('://', 1)[-1]}{f': {content}' if content else ''}", MOST)


def _content(message: Outgoing) -> str:
    content = message.content()
    graphql = content.get("query") if isinstance(content, dict) else None
    rows = list(message.query())
    if isinstance(content, dict) and isinstance(graphql, str) and "{" in graphql:
        rows += flat({name: value for name, value in content.items() if name not in ("query", "extensions")})
        rows.append(Field((), " ".join(graphql.split())))
    elif content is None and message.body:
        rows.append(Field((), counted(len(message.body), "byte")))
    else:
        rows += flat(content)
    said = [f"{' › '.join(f.path)}: {_cut(f.value, _VALUE)}" if f.path else _cut(f.value, _VALUE) for f in rows]
    return ", ".join(said) + ("" if message.whole else ", and the files that were chosen")


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
