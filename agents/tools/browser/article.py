"""Reading mode: extracts the article of a page as Markdown, without its surroundings."""

import asyncio
import re

import trafilatura

MOST = 3_000_000
"""Characters of HTML; anything longer isn't an article."""
_LEAST = 120
_ABOUT = ("title:", "author:", "date:", "description:")


async def article(html: str, url: str, text: str) -> str | None:
    """Returns title, author and date (if the page gives them), then the text; None if there is no article.

    `text`: the page's readable text, for a short article that can't be told from its surroundings.
    """
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
        date_extraction_params={"extensive_search": False},
    )
    head, _, body = (found or "").removeprefix("---\n").partition("\n---\n")
    about = [line for line in head.splitlines() if line.startswith(_ABOUT)]
    body = body.strip()
    if _crumbled(body, text):
        body = re.sub(r"\n{2,}", "\n\n", re.sub(r"[ \t]*\n[ \t]*", "\n", text)).strip()
    return "\n".join([*about, "", body]) if len(body) >= _LEAST else None


def _crumbled(body: str, text: str) -> bool:
    """Returns whether the lines of the page are lost: all words in one line, or each piece in a line of its own."""
    ours, real = (sum(1 for line in words.splitlines() if line.strip()) for words in (body, text))
    return ours == 1 < real - 1 or ours > 1.5 * max(real, 4)
