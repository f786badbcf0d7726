"""Pictures without text: a chart that the page draws is named in its place, an icon or a described picture isn't."""

import pytest

from tests.world.pages.conftest import Visit

NOTHING = "data:image/gif;base64,R0lGODlhAQABAAAAACw="
PAGE = f"""<!doctype html><html lang=en><title>Sales</title><h1>Sales</h1><p>Before</p>
<div style="position: relative; height: 300px"><canvas width=600 height=300 style="position: absolute; top: 0"></canvas>
<canvas width=600 height=300 style="position: absolute; top: 0"></canvas></div><p>Between</p>
<svg width=400 height=200><rect width=90 height=40 /></svg><svg width=400 height=200><text y=20>Oslo 12</text></svg>
<img src="{NOTHING}" width=400 height=200><img src="{NOTHING}" width=400 height=200 alt="Our house">
<img src="{NOTHING}" width=20 height=20><canvas width=20 height=20></canvas>
<canvas aria-label="Sales by month" width=400 height=200></canvas>"""


@pytest.mark.slow
@pytest.mark.asyncio(loop_scope="session")
async def test_a_picture_without_text_is_named_where_it_stands(visit: Visit) -> None:
    desk, site = await visit({"/": PAGE})
    for seen in ((await desk.do("browser_open", url=site.url())).text, await desk.see()):
        assert seen.count("picture without text; browser_screenshot shows it") == 3, seen
        assert "Before\n(img a picture without text; browser_screenshot shows it)\nBetween" in seen
        assert "(img Oslo 12)" in seen and "(img Our house)" in seen and "(img Sales by month)" in seen
    images = (await desk.do("browser_extract", what="images")).text
    assert "Our house" in images and "browser_screenshot" not in images
