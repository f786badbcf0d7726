"""Reads events of calendars and cards of people as lines of facts."""

import quopri
import re

from agents.tools.office.decode_text_file import decoded

_UNITS = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year", "HOURLY": "hour"}
_DAYS = {"MO": "Mon", "TU": "Tue", "WE": "Wed", "TH": "Thu", "FR": "Fri", "SA": "Sat", "SU": "Sun"}
_INVITED = (("SUMMARY", "What"), ("RECURRENCE-ID", "Instead of"), ("DTSTART", "Begins"), ("DTEND", "Ends"),
            ("DURATION", "Lasts"), ("RRULE", "Repeats"), ("RDATE", "Also on"), ("EXDATE", "Not on"),
            ("LOCATION", "Where"), ("ORGANIZER", "Organizer"), ("STATUS", "Status"),
            ("DESCRIPTION", "Description"))  # fmt: skip
_MOMENTS = ("RDATE", "EXDATE", "RECURRENCE-ID")
_ANSWERS = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative", "DELEGATED": "delegated",
            "NEEDS-ACTION": "no answer yet"}  # fmt: skip
_INNER = re.compile(r"^BEGIN:(VALARM)\n.*?^END:\1$", re.MULTILINE | re.DOTALL)
_ON_CARDS = {"FN": "Name", "N": "Name", "ORG": "Organization", "TITLE": "Title", "TEL": "Phone", "EMAIL": "Email",
             "ADR": "Address", "URL": "Web", "BDAY": "Born", "NOTE": "Note"}  # fmt: skip


def invitation(calendar: str) -> str:
    """Returns an invitation's facts; empty if there are none."""
    lines = re.sub(r"\r?\n[ \t]", "", calendar).splitlines()
    method = next((line.partition(":")[2] for line in lines if line.upper().startswith("METHOD:")), "")
    events = _INNER.sub("", "\n".join(lines)).split("BEGIN:VEVENT")[1:]
    said = [_event(event.split("END:VEVENT")[0].splitlines()) for event in events]
    head = f"[invitation{f': {method.lower()}' if method else ''}]"
    return "\n".join([head, "\n\n".join(said)]) if said else ""


def calendar(content: bytes, path: str) -> str:
    """Returns a calendar file's events; one without any as it is written."""
    text = decoded(content, path).text
    return invitation(text).removeprefix("[invitation]\n") or text


def _event(lines: list[str]) -> str:
    told: list[str] = []
    for wanted, name in _INVITED:
        for line in lines:
            key, _, value = line.partition(":")
            if key.partition(";")[0].upper() == wanted and value.strip():
                zone = re.search(r"TZID=\"?([^;:\"]+)", key)
                shown = _repeats(value) if wanted == "RRULE" else _value(value, key)
                shown = _lasting(value) if wanted == "DURATION" else shown
                if wanted in _MOMENTS:
                    shown = ", ".join(_value(one, "") for one in value.split(","))
                told.append(f"{name}: {shown}{f' ({zone[1]})' if zone else ''}")
    people = [_invited(line) for line in lines if line.upper().startswith("ATTENDEE")]
    return "\n".join([*told, *([f"Invited: {', '.join(people)}"] if people else [])])


def _invited(line: str) -> str:
    """Returns the person, with the answer and whether they needn't come."""
    key = line.upper()
    answer = re.search(r"PARTSTAT=\"?([A-Z-]+)", key)
    said = [_ANSWERS.get(answer[1], answer[1].lower())] if answer else []
    said += ["optional"] if "ROLE=OPT-PARTICIPANT" in key else []
    person = _value(line.partition(":")[2], line)
    return f"{person} ({', '.join(said)})" if said else person


def _lasting(value: str) -> str:
    """Returns P1DT2H30M as 1 d 2 h 30 min."""
    days, _, clock = value.strip().upper().lstrip("+").removeprefix("P").partition("T")
    parts = [*re.findall(r"(\d+)([WD])", days), *re.findall(r"(\d+)([HMS])", clock)]
    units = {"W": "weeks", "D": "d", "H": "h", "M": "min", "S": "s"}
    return " ".join(f"{number} {units[unit]}" for number, unit in parts) or value


def _repeats(rule: str) -> str:
    """Returns a rule such as FREQ=WEEKLY;INTERVAL=2;COUNT=3 in words: every 2 weeks, 3 times."""
    pairs = [part.upper().partition("=") for part in rule.strip().split(";") if part]
    parts: dict[str, str] = {key: value for key, _, value in pairs}
    unit = _UNITS.get(parts.pop("FREQ", ""))
    if unit is None:
        return rule
    every = parts.pop("INTERVAL", "1")
    words = [f"every {unit}" if every == "1" else f"every {every} {unit}s"]
    days = parts.pop("BYDAY", "")
    if days:
        words.append(
            "on " + ", ".join(re.sub("MO|TU|WE|TH|FR|SA|SU", lambda m: _DAYS[m[0]], day) for day in days.split(","))
        )
    if count := parts.pop("COUNT", ""):
        words.append(f"{count} times")
    if until := parts.pop("UNTIL", ""):
        words.append(f"until {_value(until, '')}")
    parts.pop("WKST", "")
    words += [f"{key.lower()} {value}" for key, value in parts.items()]
    return ", ".join(words)


def _value(value: str, key: str) -> str:
    if moment := re.fullmatch(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z?))?", value.strip()):
        year, month, day, hour, minute, utc = moment.groups()
        return f"{year}-{month}-{day}" + (f" {hour}:{minute}{' UTC' if utc else ''}" if hour else "")
    name = re.search(r"CN=\"?([^\";:]+)", key)
    value = re.sub(r"(?i)^.*mailto:", "", value) if "mailto:" in value.lower() else value
    plain = value.replace("\\n", "\n").replace("\\N", "\n").replace("\\,", ",").replace("\\;", ";").strip()
    return f"{name[1]} <{plain}>" if name and "@" in plain else plain


def cards(content: bytes, path: str) -> str:
    """Returns a file of contacts, each as lines of facts; one without any as it is written."""
    text = decoded(content, path).text
    lines = re.sub(r"=\r?\n", "", re.sub(r"\r?\n[ \t]", "", text))
    found = [_card(card.split("END:VCARD")[0].splitlines()) for card in lines.split("BEGIN:VCARD")[1:]]
    return "\n\n".join(card for card in found if card) or text


def _card(lines: list[str]) -> str:
    told: dict[str, None] = {}
    full = any(re.match(r"(?i)(\w+\.)?FN[;:]", line) for line in lines)
    for line in lines:
        key, _, value = line.partition(":")
        name, _, kinds = key.rpartition(".")[2].partition(";")
        label = _ON_CARDS.get(name.upper())
        if label is None or not value.strip() or (name.upper() == "N" and full):
            continue
        if "QUOTED-PRINTABLE" in kinds.upper():
            charset = re.search(r"(?i)CHARSET=([\w-]+)", kinds)
            value = _quoted(value, charset[1] if charset else "utf-8")
        parts = [part.strip() for part in re.split(r"(?<!\\);", value) if part.strip()]
        if name.upper() == "N":
            parts = [" ".join([*parts[1:2], *parts[:1]])]
        told[f"{label}: {_value(', '.join(parts), '')}"] = None
    return "\n".join(told)


def _quoted(value: str, charset: str) -> str:
    try:
        return quopri.decodestring(value.encode("ascii", "replace")).decode(charset)
    except (LookupError, UnicodeDecodeError):
        return value
