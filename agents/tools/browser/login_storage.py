"""Merges cookies and storage of a login that two users changed. Pure."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

Storage = Mapping[str, Any]
"""Playwright's format: `cookies` and `origins`."""
_Parts = dict[tuple[str, ...], Any]
_TOKEN = re.compile(r"(?=\D*\d)[\w.~+/=%:-]{16,}")
_SHORTEST = 6


def empty() -> dict[str, Any]:
    return {"cookies": [], "origins": []}


def merged(base: Storage, mine: Storage, theirs: Storage) -> dict[str, Any]:
    """Returns `theirs` with everything that `mine` changed since `base`: no newer cookie is lost to an older one."""
    before, now, other = _parts(base), _parts(mine), _parts(theirs)
    found: _Parts = {}
    for key in {**other, **now, **before}:
        one = now if now.get(key) != before.get(key) else other
        if key not in one and other.get(key) != before.get(key):
            one = other  # they renewed what I only threw away
        if key in one:
            found[key] = one[key]
    return _whole(found)


def newer_cookies(base: Storage, theirs: Storage) -> list[dict[str, Any]]:
    """Returns cookies of `theirs` that are new or differ from `base`."""
    known = _parts(base)
    return [cookie for key, cookie in _parts(theirs).items() if key[0] == "cookie" and known.get(key) != cookie]


def with_cookies(base: Storage, cookies: Collection[dict[str, Any]]) -> Storage:
    """Returns `base` with those cookies."""
    return _whole({**_parts(base), **{_cookie_key(one): one for one in cookies}})


def for_domains(storage: Storage, domains: Collection[str]) -> dict[str, Any]:
    """Returns only what a browser could use at those domains (names as in a policy)."""
    hosts = [_host(domain) for domain in domains]
    return {
        "cookies": [c for c in storage.get("cookies", ()) if any(_serves(str(c["domain"]), host) for host in hosts)],
        "origins": [o for o in storage.get("origins", ()) if any(_at(str(o["origin"]), host) for host in hosts)],
    }


def is_empty(storage: Storage) -> bool:
    return not (storage.get("cookies") or storage.get("origins"))


def secret_values(storage: Storage) -> set[str]:
    """Returns what must stay secret: HTTP-only cookies, and whatever looks like a token."""
    cookies = [(str(c["value"]), bool(c.get("httpOnly"))) for c in storage.get("cookies", ())]
    items = [(str(i["value"]), False) for o in storage.get("origins", ()) for i in o.get("localStorage", ())]
    return {v for v, hidden in (*cookies, *items) if (hidden and len(v) >= _SHORTEST) or _TOKEN.fullmatch(v)}


def _parts(storage: Storage) -> _Parts:
    """Returns every cookie, local storage row and database under a unique key."""
    return dict(_each(storage))


def _each(storage: Storage) -> Iterator[tuple[tuple[str, ...], Any]]:
    for cookie in storage.get("cookies", ()):
        yield _cookie_key(cookie), cookie
    for origin in storage.get("origins", ()):
        for row in origin.get("localStorage", ()):
            yield ("localStorage", origin["origin"], row["name"]), row
        for database in origin.get("indexedDB", ()):
            yield ("indexedDB", origin["origin"], database["name"]), database


def _cookie_key(cookie: Mapping[str, Any]) -> tuple[str, ...]:
    return ("cookie", *(str(cookie.get(part, "")) for part in ("name", "domain", "path", "partitionKey")))


def _whole(parts: _Parts) -> dict[str, Any]:
    origins: dict[str, dict[str, Any]] = {}
    for (kind, origin, *_), part in parts.items():
        if kind != "cookie":
            rows = origins.setdefault(origin, {"origin": origin, "localStorage": []})
            rows.setdefault(kind, []).append(part)
    return {
        "cookies": [part for key, part in parts.items() if key[0] == "cookie"],
        "origins": list(origins.values()),
    }


def _host(domain: str) -> str:
    return re.sub(r":\d+\Z", "", domain.lower())


def _serves(cookie: str, host: str) -> bool:
    """Returns whether a cookie of that domain may be sent to the host, or to some host of the pattern."""
    own = cookie.lower().removeprefix(".")
    if host.startswith("*."):
        return own.endswith(host[1:]) or host[1:].endswith(f".{own}")
    return host == own or (cookie.startswith(".") and host.endswith(f".{own}"))


def _at(origin: str, host: str) -> bool:
    name = _host(origin.partition("://")[2])
    return name.endswith(host[1:]) if host.startswith("*.") else name == host
