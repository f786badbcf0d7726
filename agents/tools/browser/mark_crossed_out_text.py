"""Marks text that a page shows crossed out, in whatever way, so that it isn't read as valid."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from playwright.async_api import Error, Frame, JSHandle, Page

from agents.tools.browser.crossed_out_marks import BEGINS, ENDS

_GLANCE = 2.0

MARK_CROSSED_OUT = f"""() => {{
  const changed = [], crossed = [], plain = [];
  const unmarked = words => words.replace(/[{BEGINS}{ENDS}]/g, '');
  const put = node => {{
    const was = unmarked(node.data), now = was.replace(/^(\\s*)([^]*?)(\\s*)$/, '$1{BEGINS}$2{ENDS}$3');
    node.data = now;
    changed.push([node, was, now]);
  }};
  const skipped = 'script, style, noscript, template, textarea, select, title, '
    + '[contenteditable]:not([contenteditable=false i])';
  const below = el => el.shadowRoot ? el.shadowRoot.childNodes
    : el.localName === 'slot' && el.assignedNodes().length ? el.assignedNodes() : el.childNodes;
  let left = 100000;
  const visit = (node, meant, drawn, hides) => {{
    if ((left -= 1) < 0) return;
    if (node.nodeType === 3 && node.data.trim())
      (meant || drawn ? crossed : plain).push([node, hides]);
    if (node.nodeType !== 1 || node.matches(skipped)) return;
    const style = getComputedStyle(node);
    if (style.display === 'none') return;
    const apart = style.display.startsWith('inline-') || style.float !== 'none'
      || ['absolute', 'fixed'].includes(style.position);
    meant = meant || node.matches('del, s, strike, [role=deletion]');
    drawn = style.textDecorationLine.includes('line-through') || (drawn && !apart);
    hides = node.getAttribute('aria-hidden') === 'true' ? hides || node : hides;
    for (const one of below(node)) visit(one, meant, drawn, hides);
  }};
  try {{ if (document.body) visit(document.body, false, false, null); }} catch (error) {{ crossed.length = 0; }}
  for (const [node, hides] of [...crossed]) {{
    // What is drawn for eyes only stands a second time beside it, for screen readers.
    if (hides) crossed.push(...plain.filter(([twin]) => twin.data.trim() === node.data.trim()
      && hides.parentElement?.contains(twin)));
  }}
  crossed.forEach(([node]) => put(node));
  return () => changed.forEach(([node, was, now]) => {{ if (node.data === now) node.data = was; }});
}}"""
"""Marks it in the page's own text; returns a function that takes the marks away again."""


@asynccontextmanager
async def crossed_out_marked(page: Page) -> AsyncGenerator[None]:
    """Keeps crossed-out text marked in the page and its frames; nobody looks at the page meanwhile."""
    async with AsyncExitStack() as stack:
        for frame in page.frames:
            with suppress(Error, TimeoutError):
                async with asyncio.timeout(_GLANCE):
                    stack.push_async_callback(_unmark, await _mark(frame))
        yield


async def _mark(frame: Frame) -> JSHandle:
    return await frame.evaluate_handle(MARK_CROSSED_OUT)


async def _unmark(undo: JSHandle) -> None:
    with suppress(Error, TimeoutError):  # the frame went to another page, which has no marks
        async with asyncio.timeout(_GLANCE):
            await undo.evaluate("undo => undo()")
            await undo.dispose()
