"""Reads a chart's kind, titles and values, as they were last drawn."""

from collections.abc import Iterator, Sequence
from typing import Any

from agents.number_format import is_date
from agents.tools.office.displayed_value import displayed_number

_MOST_POINTS = 60
_MOST_SERIES = 40


def chart_lines(tree: Any, drawn: Sequence[str] = ()) -> Iterator[str]:
    """Yields a heading with kinds and titles, then a table of the values; `drawn` are words on top of the chart."""
    if tree is None:
        return
    area = next(_all(tree, "plotArea"), None)
    if area is None:
        yield from _newer(tree)
        return
    plots = [p for p in area if _name(p).endswith("Chart")]
    series = [s for plot in plots for s in plot if _name(s) == "ser"]
    kinds = ", ".join(dict.fromkeys(_name(p).removesuffix("Chart") for p in plots))
    own = next((c for c in next(_all(tree, "chart"), tree) if _name(c) == "title"), None)
    axes = [f"{_name(axis).removesuffix('Ax')} axis: {t}" for axis in area if (t := _text(_child(axis, "title")))]
    title = _text(own)
    yield "; ".join([f"[chart {kinds}{f': {title}' if title else ''}", *axes]) + "]"
    yield from _grid(series[:_MOST_SERIES])
    if len(series) > _MOST_SERIES:
        yield f"… and {len(series) - _MOST_SERIES} more series"
    yield from (f"- {text}" for text in drawn)


def _grid(series: Sequence[Any]) -> Iterator[str]:
    labels: dict[int, str] = {}
    columns: list[tuple[str, dict[int, str]]] = []
    for n, one in enumerate(series, 1):
        across = _points(_child(one, "cat"))
        name = _title(one) or f"series {n}"
        if (given := _child(one, "xVal")) is not None:
            columns.append((f"{name} (x)", _points(given)))
        for tag, more in (("val", ""), ("yVal", ""), ("bubbleSize", " (size)")):
            if (values := _child(one, tag)) is not None:
                columns.append((name + more, _points(values)))
        labels = labels or across
    if not columns:
        return
    yield "| | " + " | ".join(" ".join(name.split()) for name, _ in columns) + " |"
    places = sorted({*labels, *(p for _, points in columns for p in points)})
    for place in places[:_MOST_POINTS]:
        yield f"| {labels.get(place, place + 1)} | " + " | ".join(p.get(place, "") for _, p in columns) + " |"
    if len(places) > _MOST_POINTS:
        yield f"… and {len(places) - _MOST_POINTS} more points"


def _points(holder: Any) -> dict[int, str]:
    """Returns the values by place; several levels of labels are joined."""
    found: dict[int, list[str]] = {}
    levels = list(_all(holder, "lvl")) if holder is not None else []
    for level in reversed(levels) if levels else [holder] if holder is not None else []:
        shape = next((str(f.text or "") for f in _all(level, "formatCode")), "General")
        for point in _all(level, "pt"):
            value = next((str(v.text or "") for v in _all(point, "v")), "")
            place = str(point.get("idx") or "")
            if place.isdigit():
                found.setdefault(int(place), []).append(_shown(value, str(point.get("formatCode") or shape)))
    return {place: " / ".join(" ".join(w.split()) for w in words) for place, words in found.items()}


def _shown(value: str, shape: str) -> str:
    try:
        number = float(value)
    except ValueError:
        return value
    return displayed_number(number, shape if is_date(shape) else "General")


def _newer(tree: Any) -> Iterator[str]:
    """Yields the title and data of a newer chart type (waterfall, treemap, …)."""
    kinds = ", ".join(dict.fromkeys(str(s.get("layoutId")) for s in _all(tree, "series")))
    title = next((_text(t) for t in _all(tree, "title")), "")
    yield f"[chart {kinds}{f': {title}' if title else ''}]"
    for data in _all(tree, "data"):
        for dimension in data:
            words = [str(p.text or "") for p in _all(dimension, "pt")][:_MOST_POINTS]
            if words:
                yield "| " + " | ".join(" ".join(w.split()) for w in words) + " |"


def _title(series: Any) -> str:
    return " ".join(str(v.text or "") for v in _all(_child(series, "tx"), "v"))


def _text(title: Any) -> str:
    """Returns a title that is typed, or was taken from a cell."""
    if title is None:
        return ""
    typed = " ".join("".join(str(t.text or "") for t in _all(p, "t")) for p in _all(title, "p"))
    return " ".join((typed or " ".join(str(v.text or "") for v in _all(title, "v"))).split())


def _child(element: Any, name: str) -> Any:
    return next((c for c in element if _name(c) == name), None)


def _all(element: Any, name: str) -> Iterator[Any]:
    return element.iter(f"{{*}}{name}") if element is not None else iter(())


def _name(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
