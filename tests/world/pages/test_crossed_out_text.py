"""Prices that no longer hold: crossed-out text is marked wherever an agent reads it, and the page stays as it is."""

import pytest

from agents.tools.browser.crossed_out_marks import BEGINS, ENDS, with_tildes
from tests.browser_fixtures import ref_of
from tests.world.pages.conftest import Visit

PAGE = """<!doctype html><html lang=en><title>Sale</title><h1>Sale</h1><style>
.was, tr.gone {text-decoration: line-through}
.tip {display: none} .has:hover .tip {display: block} .box {display: inline-block} .sr {position: absolute;
left: -9999px}</style>
<p>Pot <s>€41.90</s> €21.90</p><p>Pan <strike>€42.90</strike> €22.90</p><p>Cup <del>€43.90</del> €23.90</p>
<p>Jug <span class=was><b>€</b>44<sup>90</sup></span> €24.90</p>
<p class=was>Set <span>€45.90</span> <span class=box>€25.90</span></p>
<p>Lid <span><span class=sr>€46.90</span><span class=was aria-hidden=true>€46.90</span></span> €26.90</p>
<a href=/mug>Mug <s>€47.90</s> €27.90</a> <button aria-label="Take it">Ladle <s>€48.90</s> €28.90</button>
<table><tr><th>Item<th>Price<tr><td>Bowl<td><s>49.90</s> 29.90<tr class=gone><td>Vase<td>31.90</table>
<ul><li class=was>Buy salt<li>Buy oil</ul><x-card></x-card>
<button class=has>Offer <span class=tip>was <s>€50.90</s></span></button><div contenteditable>Draft <s>word</s></div>
<iframe srcdoc="<s>€51.90</s> €31.90"></iframe><pre>~~~~~~~~</pre><script>
customElements.define('x-card', class extends HTMLElement { connectedCallback() {
this.attachShadow({mode: 'closed'}).innerHTML = '<p><s>Old card</s></p><p><del>€52.90</del> €32.90</p>'; } });
</script>"""


def test_neighboring_marks_become_one_pair_and_rules_of_tildes_stay() -> None:
    marked = f"{BEGINS}€{ENDS}{BEGINS}44{ENDS} {BEGINS}90{ENDS} 24 ~~~~~~ {BEGINS}x{ENDS}"
    assert with_tildes(marked) == "~~€44 90~~ 24 ~~~~~~ ~~x~~"
    assert with_tildes(f"~~{BEGINS}x{ENDS}~~") == "~~x~~"


@pytest.mark.asyncio(loop_scope="session")
async def test_crossed_out_text_is_marked_wherever_it_is_read(visit: Visit) -> None:
    desk, site = await visit({"/": PAGE})
    seen = (await desk.do("browser_open", url=site.url())).text
    for words in (
        "Pot ~~€41.90~~ €21.90", "Pan ~~€42.90~~ €22.90", "Cup ~~€43.90~~ €23.90", "Jug ~~€44⁹⁰~~ €24.90",
        "~~Set €45.90~~ €25.90", "Lid ~~€46.90 €46.90~~ €26.90", '"Mug ~~€47.90~~ €27.90"',
        "Bowl | ~~49.90~~ 29.90", "~~Vase~~ | ~~31.90~~", "- ~~Buy salt~~\n- Buy oil", "~~Old card €52.90~~ €32.90",
        "~~€51.90~~ €31.90", "~~~~~~~~", "Draft word",
    ):  # fmt: skip
        assert words in seen, f"{words!r}\n{seen}"
    assert "was ~~€50.90~~" in (await desk.do("browser_hover", ref=ref_of(seen, "Offer"))).text
    text = (await desk.do("browser_extract", what="text")).text
    for words in ("Pot ~~€41.90~~ €21.90", "Jug ~~€44⁹⁰~~ €24.90", "~~Vase 31.90~~", "~~€51.90~~ €31.90"):
        assert words in text, f"{words!r}\n{text}"
    tables = (await desk.do("browser_extract", what="tables")).text
    assert "Bowl\t~~49.90~~ 29.90\n~~Vase~~\t~~31.90~~" in tables
    assert "Mug ~~€47.90~~ €27.90\t" in (await desk.do("browser_extract", what="links")).text
    article = (await desk.do("browser_extract", what="article")).text
    assert "Pot ~~€41.90~~ €21.90" in article and "~~~~€" not in article, article
    assert not any(mark in text + article + seen for mark in (BEGINS, ENDS))
