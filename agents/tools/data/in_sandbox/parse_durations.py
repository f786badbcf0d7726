"""Interprets written durations, such as 36:15, as hours, which can be added up. Pure."""

import re
from collections.abc import Sequence

_DURATION = re.compile(r"([-−]?)(\d{1,6}):([0-5]\d)(?::([0-5]\d(?:[.,]\d+)?))?")
_DAY = 24
_NAMES = re.compile(
    r"dauer|duration|durée|duree|durata|duraci|duraç|duur|hours?\b|hrs?\b|stunden|std\b|heures|horas|ore\b|uren\b"
    r"|godzin|час|elapsed|time.?spent|zeitaufwand|aufwand|arbeitszeit|überstunden|overtime|длительность|czas.trwania",
    re.IGNORECASE,
)
MEANING = "hours (1:30 is 1.5)"


def hours(text: str) -> float | None:
    """Returns the hours that `text` writes as h:mm or h:mm:ss; None if it doesn't."""
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        return None
    value = int(found[2]) + int(found[3]) / 60 + float((found[4] or "0").replace(",", ".")) / 3600
    return round(-value if found[1] else value, 9)


def are_durations(name: str, texts: Sequence[str]) -> bool:
    """Returns whether the column holds durations, not times of day: its name says so, or one is of a day or more."""
    long = bool(_NAMES.search(name))
    for text in texts:
        found = hours(text)
        if found is None:
            return False
        long = long or not 0 <= found < _DAY
    return long and bool(texts)
