"""What is known in the claims suite: five companies, seven measures, and one company's shares and results by year."""

from datetime import UTC, datetime

from orchestrator.domain.findings import Finding, Source
from orchestrator.domain.ids import FindingId, SubtaskId

_SEEN = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
COMPANIES: dict[str, tuple[float, int, float, float, int, int, float]] = {
    "Northwind": (49, 1200, 18.4, 12, 140, 2011, 4.4),
    "Lakeview": (39, 8400, 96.5, -4, 610, 1998, 3.9),
    "Harborline": (59, 3150, 41.2, 31, 260, 2016, 4.6),
    "Summit": (45, 950, 7.9, 8, 75, 2019, 4.1),
    "Meridian": (29, 5600, 52.0, 22, 330, 2007, 4.2),
}
_KINDS = (
    ("price", "price per seat", "Team plan: ${:g} per seat per month"),
    ("customers", "customers", "{:,} paying customers"),
    ("revenue", "annual revenue, $ million", "revenue of ${:g} million in 2025"),
    ("growth", "growth, % per year", "grew by {:g} % last year"),
    ("staff", "employees", "a team of {:,} employees"),
    ("founded", "founded", "founded in {:d}"),
    ("rating", "rating out of 5", "rated {:g} out of 5"),
)
_MORE = (
    ("share23", "Northwind: market share 2023", 12, "12 % of the market in 2023"),
    ("share24", "Northwind: market share 2024", 15, "15 % of the market in 2024"),
    ("result", "Summit: net result Q3 2025, € thousand", -340, "Q3 2025 closed with a loss of €340 thousand"),
    ("setup", "Meridian: median set-up time in minutes", 18, "set up in 18 minutes (median)"),
    ("storage", "Harborline: storage included", 50, "50 GB of storage included"),
    ("fee", "Lakeview: set-up fee", 250, "one-off set-up fee of €250"),
)


def name_of(measure: str, company: str) -> str:
    """A finding's id, e.g. `price.northwind`."""
    return f"{measure}.{company.lower()}"


def board(*, without: str = "") -> tuple[Finding, ...]:
    """All findings; those of one company may be taken out."""
    found = [
        _finding(name_of(short, company), f"{company}: {kind}", value, words.format(value), company)
        for company, values in COMPANIES.items()
        for (short, kind, words), value in zip(_KINDS, values, strict=True)
    ]
    found += [_finding(name, kind, value, quote, kind.partition(":")[0]) for name, kind, value, quote in _MORE]
    return tuple(f for f in found if not (without and f.kind.startswith(f"{without}:")))


def _finding(name: str, kind: str, value: float, quote: str, company: str) -> Finding:
    source = Source(url=f"https://{company.lower()}.example/{name}", quote=quote, seen_at=_SEEN)
    return Finding(id=FindingId(name), by=SubtaskId("read"), kind=kind, value=value, source=source)


HOTELS: dict[str, tuple[float, int, float, int, float, float]] = {
    "Hotel Alba": (128, 84, 9.1, 212, 1.8, -6),
    "Brisa Inn": (96, 60, 8.4, 540, 3.2, 4),
    "Casa Verde": (174, 32, 9.4, 131, 0.4, 11),
    "Duna Park": (110, 145, 7.9, 1020, 2.5, 2),
}
_OF_HOTELS = (
    ("rate", "price per night (EUR)", "Double room from €{:g} per night"),
    ("rooms", "rooms", "{:,} rooms"),
    ("score", "guest score", "Guest score {:g}/10"),
    ("reviews", "number of reviews", "{:,} reviews"),
    ("distance", "distance to station", "{:g} km from the station"),
    ("bookings", "change in bookings vs last year (%)", "bookings changed by {:g}%"),
)
_OF_THE_CITY = (
    ("occ24", "Occupancy 2024", 0.62, "occupancy was 62 % in 2024"),
    ("occ25", "Occupancy 2025", 0.70, "occupancy was 70 % in 2025"),
    ("tax", "City tax per night", 3.5, "€3.50 per person per night"),
    ("vis", "Visitors 2025, million", 4.8, "4.8 million visitors in 2025"),
)


def hotels() -> tuple[Finding, ...]:
    """Another board: four hotels and their city."""
    found = [
        _finding(
            f"{short}.{hotel.lower().replace(' ', '-')}", f"{hotel}: {kind}", value, words.format(value), hotel[-4:]
        )
        for hotel, values in HOTELS.items()
        for (short, kind, words), value in zip(_OF_HOTELS, values, strict=True)
    ]
    return (*found, *(_finding(name, kind, value, quote, "city") for name, kind, value, quote in _OF_THE_CITY))


def all_boards() -> dict[str, tuple[Finding, ...]]:
    return {"vendors": board(), "hotels": hotels()}
