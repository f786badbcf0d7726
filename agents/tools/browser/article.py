"""Reading mode: extracts the article of a page as Markdown, without its surroundings."""

import asyncio

import trafilatura

MOST = 3_000_000
"""Characters of HTML; anything longer isn't an article."""
_LEAST = 120
_ABOUT = ("title:", "author:", "date:", "description:")


async def article(html: str, url: str) -> str | None:
    """Returns title, author and date (if the page gives them), then the text; None if there is no article."""
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
