"""Draws a plan as one SVG: layers from left to right, barycentre order, dummy nodes for long edges. Pure.

Colors are presentation attributes, so the picture also works alone (in a chat thread); the page's style sheet
overrides them by class.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from bot.cards.card import Card, Edge, State, StepRow
from orchestrator.domain.plural import counted

WIDTH, HEIGHT, GAP_X, GAP_Y, PAD, DUMMY = 172, 78, 34, 14, 8, 14

_COLOUR: Mapping[State, str] = {
    "waiting": "#8a8f98", "running": "#3b6fd8", "needs-you": "#b7791f", "done": "#2f855a",
    "failed": "#c53030", "skipped": "#8a8f98", "paused": "#6b5fb3", "stopped": "#8a8f98",
}  # fmt: skip
MARKS: Mapping[State, str] = {
    "waiting": "M8 4v4l2.5 1.5M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13",
    "running": "M5.5 3.5l7 4.5-7 4.5z",
    "needs-you": "M8 3v6M8 11.5v1.2M8 1",
    "done": "M3 8.5l3.2 3.2L13 5",
    "failed": "M4 4l8 8M12 4l-8 8",
    "skipped": "M3.5 4l4.5 4-4.5 4M8.5 4l4.5 4-4.5 4",
    "paused": "M5.5 3.5v9M10.5 3.5v9",
    "stopped": "M4 4h8v8H4z",
}
"""A stroke per state on a 16 × 16 grid, because color alone never shows a state."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something is drawn: its left edge, its vertical middle, and whether it is only a bend of a long edge."""

    x: float
    y: float
    bend: bool


@dataclass(frozen=True, slots=True)
class GraphLayout:
    spots: Mapping[str, Spot]
    paths: Mapping[tuple[str, str], tuple[str, ...]]
    """Edge -> the names it passes, ends included."""
    width: float
    height: float


def layout(names: Sequence[str], links: Sequence[tuple[str, str]]) -> GraphLayout:
    """Places every name; an edge over several layers bends at dummy nodes, so that it never runs behind a box."""
    rank = _ranks(names, links)
    layers: list[list[str]] = [[] for _ in range(max(rank.values(), default=-1) + 1)]
    for name in names:
        layers[rank[name]].append(name)
    paths: dict[tuple[str, str], tuple[str, ...]] = {}
    for source, target in links:
        bends = [f"\x00{source}\x00{target}\x00{r}" for r in range(rank[source] + 1, rank[target])]
        for r, bend in enumerate(bends, rank[source] + 1):
            layers[r].append(bend)
        paths[source, target] = (source, *bends, target)
    steps = [pair for path in paths.values() for pair in pairwise(path)]
    _untangle(layers, steps)
    tall = [sum(_height(n) + GAP_Y for n in layer) - GAP_Y for layer in layers]
    height = max(tall, default=0)
    spots: dict[str, Spot] = {}
    for column, (layer, own) in enumerate(zip(layers, tall, strict=True)):
        y = PAD + (height - own) / 2
        for name in layer:
            spots[name] = Spot(PAD + column * (WIDTH + GAP_X), y + _height(name) / 2, name.startswith("\x00"))
            y += _height(name) + GAP_Y
    width = 2 * PAD + len(layers) * (WIDTH + GAP_X) - GAP_X
    return GraphLayout(spots, paths, max(width, 2 * PAD), height + 2 * PAD)


def draw(card: Card) -> Markup:
    """Returns the graph of a card; an empty string without a plan."""
    if not card.rows:
        return Markup("")
    place = layout([r.id for r in card.rows], [(e.source, e.target) for e in card.edges])
    states: dict[str, State] = {r.id: r.state for r in card.rows}
    drawn = [_edge(place, edge, states) for edge in card.edges] + [_box(place.spots[r.id], r) for r in card.rows]
    return Markup(
        '<svg class="graph" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {:.0f} {:.0f}" width="{:.0f}"'
        ' height="{:.0f}" role="group" aria-label="{}" font-family="system-ui, sans-serif">{}{}</svg>'
    ).format(
        place.width, place.height, place.width, place.height, f"Plan with {counted(len(card.rows), 'step')}",
        _TIPS, Markup("").join(drawn),
    )  # fmt: skip


_TIPS = Markup(
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path class="tip" d="M0 0.5 8 4 0 7.5z" fill="#9aa1ab"/></marker></defs>'
)


def two_lines(text: str, width: float, size: float) -> tuple[str, str]:
    """Breaks `text` into at most two lines between words, and cuts the rest."""
    if (first := fit(text, width, size)) == text:
        return text, ""
    end = len(first.removesuffix("…"))
    at = text.rfind(" ", 0, end + 1)
    at = end if at <= 0 else at
    return text[:at].rstrip(), fit(text[at:].lstrip(), width, size)


def fit(text: str, width: float, size: float = 12.5) -> str:
    """Cuts `text` to fit `width` pixels; wide scripts count double."""
    room = width / (size * 0.6)
    used = 0.0
    for index, letter in enumerate(text):
        used += 1.9 if ord(letter) > 0x2E7F else 1.35 if letter in "MWmw@%" else 0.55 if letter in "iljft.,:'|! " else 1
        if used > room:
            return text[: max(index - 1, 1)].rstrip() + "…"
    return text


def _ranks(names: Sequence[str], links: Iterable[tuple[str, str]]) -> Mapping[str, int]:
    needs: dict[str, list[str]] = {n: [] for n in names}
    for source, target in links:
        needs[target].append(source)
    rank: dict[str, int] = {}
    waiting = list(names)
    while waiting:
        ready = [n for n in waiting if all(s in rank for s in needs[n])]
        for name in ready or waiting[:1]:
            rank[name] = 1 + max((rank.get(s, -1) for s in needs[name]), default=-1)
        waiting = [n for n in waiting if n not in rank]
    return rank


def _untangle(layers: list[list[str]], steps: Sequence[tuple[str, str]]) -> None:
    """Sorts each layer by its neighbors' mean place, forward and back a few times."""
    before: dict[str, list[str]] = {}
    behind: dict[str, list[str]] = {}
    for source, target in steps:
        before.setdefault(target, []).append(source)
        behind.setdefault(source, []).append(target)
    for turn in range(6):
        neighbours = before if turn % 2 == 0 else behind
        place = {n: i - len(layer) / 2 for layer in layers for i, n in enumerate(layer)}
        for layer in layers if turn % 2 == 0 else reversed(layers):
            mean = {n: _mean([place[m] for m in neighbours.get(n, ())], place[n]) for n in layer}
            layer.sort(key=mean.__getitem__)
            place |= {n: i - len(layer) / 2 for i, n in enumerate(layer)}


def _mean(values: Sequence[float], default: float) -> float:
    return sum(values) / len(values) if values else default


def _height(name: str) -> int:
    return DUMMY if name.startswith("\x00") else HEIGHT


def _edge(place: GraphLayout, edge: Edge, states: Mapping[str, State]) -> Markup:
    spots = [place.spots[n] for n in place.paths[edge.source, edge.target]]
    last = len(spots) - 1
    parts: list[str] = []
    for index, spot in enumerate(spots):
        left, right = (spot.x, spot.x + WIDTH)
        if index == 0:
            parts.append(f"M{right:.0f} {spot.y:.0f}")
            continue
        before = spots[index - 1]
        x0, x1 = before.x + WIDTH, left - (3 if index == last else 0)
        middle = (x0 + x1) / 2
        parts.append(f"C{middle:.0f} {before.y:.0f} {middle:.0f} {spot.y:.0f} {x1:.0f} {spot.y:.0f}")
        if spot.bend:
            parts.append(f"L{right:.0f} {spot.y:.0f}")
    flows = edge.kind == "feeds" and states.get(edge.source) == "running" and edge.flowed > 0
    dash = Markup(' stroke-dasharray="5 4"') if edge.kind == "feeds" else Markup("")
    line = Markup(
        '<path class="edge {}{}" d="{}" fill="none" stroke="{}" stroke-width="1.6" marker-end="url(#tip)"{}>'
        "<title>{}</title></path>"
    ).format(
        edge.kind, " flow" if flows else "", " ".join(parts), "#3b6fd8" if edge.kind == "feeds" else "#9aa1ab",
        dash, _edge_words(edge),
    )  # fmt: skip
    return line + (_count(spots, edge) if edge.flowed else Markup(""))


def _edge_words(edge: Edge) -> str:
    if edge.kind == "after":
        return f"{edge.target} waits for {edge.source}"
    return f"{edge.source} feeds {edge.target}: {counted(edge.flowed, 'finding')}"


def _count(spots: Sequence[Spot], edge: Edge) -> Markup:
    x, y = spots[0].x + WIDTH + 13, spots[0].y
    return Markup(
        '<g class="flowed"><circle cx="{:.0f}" cy="{:.0f}" r="9.5" fill="#e8effc" stroke="#3b6fd8"/>'
        '<text x="{:.0f}" y="{:.1f}" text-anchor="middle" font-size="11" fill="#24457f">{}</text></g>'
    ).format(x, y, x, y + 3.5, edge.flowed if edge.flowed < 100 else "99+")


def _box(spot: Spot, row: StepRow) -> Markup:
    x, y, colour = spot.x, spot.y - HEIGHT / 2, _COLOUR[row.state]
    line = row.doing or row.waits or row.problem or row.summary or row.state.replace("-", " ")
    title, more = two_lines(row.title, WIDTH - 16, 13)
    down = 0 if more else -7
    words = f"{row.title}: {row.state.replace('-', ' ')}. {line}"
    return Markup(
        '<a class="node {state}" href="#row-{id}" aria-label="{words}"><title>{words}</title>'
        '<rect x="{x:.0f}" y="{y:.0f}" width="{w}" height="{h}" rx="9" fill="#fff" stroke="{colour}" '
        'stroke-width="1.4"/>'
        '<path class="mark" transform="translate({mx:.0f} {my:.0f})" d="{mark}" fill="none" stroke="{colour}" '
        'stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"/>'
        '<svg x="{x:.0f}" y="{y:.0f}" width="{cw}" height="{h}">'
        '<text class="t1" font-size="12" font-weight="600" fill="#1d2129"><tspan x="10" y="{y1}">{title}</tspan>'
        '<tspan x="10" y="33">{more}</tspan></text>'
        '<text class="t2" x="27" y="{y2}" font-size="11" fill="#5c6370">{line}</text>'
        '<text class="t3" x="10" y="{y3}" font-size="11" fill="#8a8f98">{foot}</text></svg></a>'
    ).format(
        state=row.state, id=row.id, words=words, x=x, y=y, w=WIDTH, h=HEIGHT, colour=colour, mark=MARKS[row.state],
        mx=x + 7, my=y + 39 + down, cw=WIDTH - 6, y1=18 - down, y2=51 + down, y3=67 + down, more=more,
        title=title, line=fit(line, WIDTH - 35, 11), foot=fit(_foot(row), WIDTH - 18, 11),
    )  # fmt: skip


def _foot(row: StepRow) -> str:
    return " · ".join([row.agent, *([counted(row.findings, "finding")] if row.findings else [])])
