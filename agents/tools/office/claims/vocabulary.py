"""The words that make claims: what is measured, by which unit, and which word asks for the most or the least. Pure."""

import re

CONCEPTS: dict[str, tuple[str, ...]] = {
    "price": ("price", "priced", "prices", "pricing", "cost", "costs", "costing", "charge", "charges", "asks", "fee",
              "fees", "cheap", "cheaper", "cheapest", "expensive", "dear", "dearer", "dearest", "costly", "costliest",
              "affordable", "priciest", "pricey"),
    "customers": ("customer", "customers", "client", "clients", "subscribers", "users", "user"),
    "growth": ("growth", "grow", "grows", "grew", "growing", "grower", "grown", "growers", "change"),
    "revenue": ("revenue", "revenues", "turnover", "sales", "earns", "earn", "earner", "earned"),
    "employees": ("employee", "employees", "staff", "headcount", "people", "workforce", "employs", "employer"),
    "founded": ("founded", "founding", "oldest", "youngest", "older", "younger", "established", "started", "newest"),
    "rating": ("rating", "ratings", "rate", "rated", "rates", "score", "scores", "stars", "liked", "reviews"),
    "share": ("share", "shares"),
    "profit": ("profit", "profits", "profitable", "income", "loss", "losses"),
    "margin": ("margin", "margins"),
    "distance": ("distance", "closest", "nearest", "farthest", "furthest", "away", "far"),
    "speed": ("latency", "speed", "response"),
}  # fmt: skip
"""Words of one meaning, so that "cheapest" is about prices and "staff" about employees."""

MOST = {
    "most": 1, "highest": 1, "largest": 1, "biggest": 1, "greatest": 1, "maximum": 1, "top": 1, "longest": 1,
    "strongest": 1, "steepest": 1, "best": 1, "leads": 1, "leader": 1, "widest": 1, "heaviest": 1,
    "least": -1, "fewest": -1, "lowest": -1, "smallest": -1, "minimum": -1, "shortest": -1, "weakest": -1,
    "worst": -1, "lightest": -1,
}  # fmt: skip
"""Words that name one end of any measure."""

OWN_MEASURE: dict[str, tuple[int, str]] = {
    "cheapest": (-1, "price"), "dearest": (1, "price"), "priciest": (1, "price"), "costliest": (1, "price"),
    "oldest": (-1, "founded"), "youngest": (1, "founded"), "newest": (1, "founded"),
    "closest": (-1, "distance"), "nearest": (-1, "distance"), "farthest": (1, "distance"),
    "furthest": (1, "distance"), "slowest": (-1, "growth"), "fastest": (1, "growth"), "quickest": (1, "growth"),
    "richest": (1, "revenue"),
}  # fmt: skip
"""Words that name one end of one measure. Fastest and slowest only beside a word of growth."""

NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "both": 2, "a dozen": 12,
}  # fmt: skip
"""Numbers in words."""

SIZES = ("customers", "revenue", "employees")
"""What "largest" may mean where no measure is named."""

CURRENCIES = {
    "$": "USD", "US$": "USD", "USD": "USD", "dollar": "USD", "dollars": "USD", "€": "EUR", "EUR": "EUR",
    "euro": "EUR", "euros": "EUR", "£": "GBP", "GBP": "GBP", "pound": "GBP", "pounds": "GBP", "¥": "JPY",
    "JPY": "JPY", "yen": "JPY", "CHF": "CHF", "francs": "CHF", "₹": "INR", "INR": "INR", "rupees": "INR",
}  # fmt: skip
CURRENCY = re.compile(r"US\$|[$€£¥₹]|\b(?:USD|EUR|GBP|JPY|CHF|INR|dollars?|euros?|yen|francs|rupees)\b")

UNITS: dict[str, tuple[str, ...]] = {
    "time": ("millisecond", "second", "minute", "hour", "day", "week", "month", "year"),
    "length": ("mm", "cm", "metre", "km", "mile"),
    "weight": ("gram", "kg", "tonne", "lb"),
    "data": ("KB", "MB", "GB", "TB", "PB"),
    "power": ("kW", "MW", "GW"),
    "energy": ("kWh", "MWh", "GWh", "TWh"),
    "scale": ("thousand", "million", "billion", "trillion"),
}
"""Units by what they measure: a figure told in another unit of the same kind isn't the same figure."""
_SPELLED = {
    "ms": "millisecond", "milliseconds": "millisecond", "s": "second", "sec": "second", "seconds": "second",
    "min": "minute", "mins": "minute", "minutes": "minute", "h": "hour", "hrs": "hour", "hours": "hour",
    "days": "day", "weeks": "week", "months": "month", "years": "year", "m": "million", "mn": "million",
    "bn": "billion", "k": "thousand", "millions": "million", "billions": "billion", "metres": "metre",
    "meters": "metre", "meter": "metre", "kilometres": "km", "kilometers": "km", "miles": "mile", "kilograms": "kg",
    "kilos": "kg", "g": "gram", "grams": "gram", "t": "tonne", "tonnes": "tonne", "tons": "tonne", "lbs": "lb",
    "pounds": "lb", "gigabytes": "GB", "megabytes": "MB", "terabytes": "TB", "gb": "GB", "mb": "MB", "tb": "TB",
}  # fmt: skip
KIND_OF = {unit: kind for kind, units in UNITS.items() for unit in units}


def unit(word: str) -> str:
    """Returns the unit that a word after a figure names; empty if it names none."""
    for spelled in (word, word.lower()):
        if spelled in KIND_OF:
            return spelled
        if spelled in _SPELLED:
            return _SPELLED[spelled]
    return ""


PERIODS = re.compile(
    r"\b(?:per|a|an|each|every)\s+(?P<per>hour|day|night|week|month|quarter|year)\b|/\s?(?P<slash>hour|day|night|week|mo|month|quarter|yr|year)\b"
    r"|\b(?P<ly>hourly|nightly|daily|weekly|monthly|quarterly|annually|annual|yearly)\b",
    re.IGNORECASE,
)
_LY = {
    "hourly": "hour", "nightly": "night", "daily": "day", "weekly": "week", "monthly": "month", "mo": "month",
    "quarterly": "quarter", "yr": "year", "annually": "year", "annual": "year", "yearly": "year",
}  # fmt: skip


def periods(text: str) -> set[str]:
    """Returns the periods that a text names: month for "per month", "monthly", and "/mo"."""
    found = (m["per"] or m["slash"] or m["ly"] for m in PERIODS.finditer(text))
    return {_LY.get(word.lower(), word.lower()) for word in found}


def currencies(text: str) -> set[str]:
    return {CURRENCIES[m[0]] for m in CURRENCY.finditer(text) if m[0] in CURRENCIES}


_WORD = re.compile(r"[a-z]+", re.IGNORECASE)
_CONCEPT_OF = {word: concept for concept, words in CONCEPTS.items() for word in words}


def words(text: str) -> list[str]:
    return [w.lower() for w in _WORD.findall(text)]


def concepts(text: str) -> set[str]:
    """Returns what a text is about: price, customers, growth …"""
    return {_CONCEPT_OF[w] for w in words(text) if w in _CONCEPT_OF}
