"""Reading mode: the article of a page without what stands around it, as Markdown."""

import asyncio

import trafilatura

MOST = 3_000_000
"""Characters of HTML; what is longer is no article."""
_LEAST = 120
_ABOUT = ("title:", "author:", "date:", "description:")


async def article(html: str, url: str) -> str | None:
    """Title, author and date where the page tells them, then the text; None when there is no article."""
    if len(html) > MOST:
        return None
    found = await asyncio.to_thread(
        trafilatura.extract,
        html,
        url=url,
        output_format="markdown",
        with_metadata=True,
        include_comments=False,
        include_tables=True,
    )
    head, _, body = (found or "").removeprefix("---\n").partition("\n---\n")
    about = [line for line in head.splitlines() if line.startswith(_ABOUT)]
    return "\n".join([*about, "", body.strip()]) if len(body.strip()) >= _LEAST else None
