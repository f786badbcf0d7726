"""The graph: no box over another, no long edge behind a box, text inside its box, and well-formed SVG."""

from itertools import combinations
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards.card import Card, Edge, StepRow
from bot.cards.plan_graph import HEIGHT, WIDTH, draw, fit, layout, two_lines


def a_card(rows: list[str], edges: list[Edge], title: str = "A step") -> Card:
    made = tuple(
        StepRow(id=name, title=title, agent="browser", state="running", doing="Reading a page") for name in rows
    )
    return Card(task="t", seq=1, title="T", state="running", headline="x", rows=made, edges=tuple(edges))


@st.composite
def dags(draw_: st.DrawFn) -> tuple[list[str], list[tuple[str, str]]]:
    names = [f"s{i}" for i in range(draw_(st.integers(1, 18)))]
    pairs = list(combinations(names, 2))
    return names, draw_(st.lists(st.sampled_from(pairs), unique=True, max_size=30)) if pairs else []


@settings(max_examples=80, deadline=None)
@given(dags())
def test_boxes_never_overlap_and_edges_run_from_left_to_right(dag: tuple[list[str], list[tuple[str, str]]]) -> None:
    names, links = dag
    place = layout(names, links)
    boxes = [place.spots[n] for n in names]
    for one, other in combinations(boxes, 2):
        assert abs(one.x - other.x) >= WIDTH or abs(one.y - other.y) >= HEIGHT
    for source, target in links:
        assert place.spots[source].x < place.spots[target].x
        assert len({place.spots[n].x for n in place.paths[source, target]}) == len(place.paths[source, target])


def test_a_long_edge_bends_around_the_boxes_between() -> None:
    place = layout(["a", "b", "c"], [("a", "b"), ("b", "c"), ("a", "c")])
    bend = place.spots[place.paths["a", "c"][1]]
    assert bend.bend and bend.x == place.spots["b"].x
    assert abs(bend.y - place.spots["b"].y) > HEIGHT / 2


def test_the_order_in_a_layer_follows_the_neighbours() -> None:
    place = layout(["a", "b", "x", "y"], [("a", "y"), ("b", "x")])
    assert (place.spots["a"].y < place.spots["b"].y) == (place.spots["y"].y < place.spots["x"].y)


def test_sixty_steps_are_drawn() -> None:
    rows = [f"s{i}" for i in range(60)]
    edges = [Edge(source=a, target=b, kind="feeds", flowed=3) for a, b in zip(rows, rows[7:], strict=False)]
    drawn = ElementTree.fromstring(draw(a_card(rows, edges)))
    assert [element.text for element in drawn.iter()].count("A step") == 60


def test_the_two_kinds_of_edges_differ_without_colour() -> None:
    edges = [Edge(source="a", target="b", kind="after"), Edge(source="a", target="c", kind="feeds", flowed=4)]
    drawn = draw(a_card(["a", "b", "c"], edges))
    assert drawn.count("stroke-dasharray") == 1
    assert ">4</text>" in drawn and "a feeds c: 4 findings" in drawn


def test_what_a_model_wrote_stays_text_in_the_picture() -> None:
    drawn = draw(a_card(["a"], [], title='<script>alert(1)</script>"&'))
    assert "<script>" not in drawn
    ElementTree.fromstring(drawn)


def test_text_is_cut_to_its_box() -> None:
    assert fit("short", 100) == "short"
    assert len(fit("a very long title that goes on and on", 100)) < 20
    assert fit("名前名前名前名前名前名前", 60).endswith("…")


def test_a_title_uses_two_lines_before_it_is_cut() -> None:
    assert two_lines("Short", 150, 13) == ("Short", "")
    assert two_lines("Read Harbor & Co and note the price", 156, 13) == ("Read Harbor & Co and", "note the price")
    first, second = two_lines("Compare the prices of all companies in one large table", 156, 13)
    assert second.endswith("…") and not first.endswith("…")
    first, second = two_lines("x" * 100, 156, 13)
    assert first and second.endswith("…")


def test_no_plan_is_no_picture() -> None:
    assert draw(a_card([], [])) == ""
