"""Relays prompts that pictures don't show to the person in control: dialogs and drop-down lists."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, cast

from playwright.async_api import Dialog, Error, Page

from orchestrator.domain.takeover import MOST_OPTIONS, MOST_TEXT, Asks, Touch

_MOST_WORDS = 2_000
_GLANCE = 1.0
"""Seconds that a page may take to report which list has the focus."""
_FIELD = """
  let el = document.activeElement;
  while (el && el.shadowRoot && el.shadowRoot.activeElement) el = el.shadowRoot.activeElement;
  if (!document.hasFocus() || !el || el.tagName !== 'SELECT' || el.multiple || el.size > 1) return null;
"""
_LIST = f"""() => {{ {_FIELD}
  const said = el.labels?.[0]?.innerText.split('\\n')[0] || el.ariaLabel || el.name || 'Choose';
  const options = [...el.options].slice(0, {MOST_OPTIONS}).map((o) => (o.label || o.text).trim().slice(0, 200));
  return [said.trim().slice(0, 200), options, el.selectedIndex];
}}"""
# Losing the focus closes the field's own list, which nobody sees and which would override this choice.
_CHOOSE = f"""(chosen) => {{ {_FIELD}
  if (!el.options[chosen] || el.options[chosen].disabled) return null;
  el.blur();
  el.focus({{ preventScroll: true }});
  el.selectedIndex = chosen;
  for (const name of ['input', 'change']) el.dispatchEvent(new Event(name, {{ bubbles: true }}));
  return true;
}}"""


class PageDialogs:
    """The prompts of one takeover and its windows. `changed` is called with each new dialog."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._dialogs: list[tuple[int, Dialog]] = []
        self._list: Asks | None = None
        self._number = 0
        self._asked = asyncio.Event()

    async def dialog(self, dialog: Dialog) -> None:
        """Blocks the page until the person has answered. Allows leaving a page."""
        if dialog.type == "beforeunload":
            with suppress(Error):
                await dialog.accept()
            return
        self._number += 1
        self._dialogs.append((self._number, dialog))
        self._asked.set()
        self._changed()

    @property
    def waits(self) -> bool:
        """Returns whether the page is blocked by a dialog."""
        return bool(self._dialogs)

    async def unless(self, doing: Coroutine[Any, Any, None]) -> None:
        """Runs it until done or until a dialog blocks the page; then it continues after the answer."""
        work, asked = asyncio.ensure_future(doing), asyncio.ensure_future(self._asked.wait())
        try:
            await asyncio.wait({work, asked}, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                work.result()
        finally:
            for one in (work, asked):
                one.cancel()
            await asyncio.gather(work, asked, return_exceptions=True)

    async def now(self, page: Page) -> Asks | None:
        """Returns the prompt to answer now."""
        if self._dialogs:
            number, it = self._dialogs[-1]
            kind = it.type if it.type in ("confirm", "prompt") else "alert"
            words, text = it.message[:_MOST_WORDS], it.default_value[:MOST_TEXT]
            return Asks(number=number, kind=kind, words=words, text=text)
        if self._list:
            await self.look(page)
        return self._list

    async def look(self, page: Page) -> None:
        """Returns whether a list has the focus."""
        found = await _in_frames(page, _LIST)
        if found is None:
            self._list = None
            return
        words, options, chosen = cast("tuple[str, list[str], int]", found)
        old = self._list
        if old is None or (old.words, old.options) != (words, tuple(options)):
            self._number += 1
        self._list = Asks(number=self._number, kind="list", words=words, options=tuple(options), chosen=chosen)

    async def answer(self, page: Page, touch: Touch) -> None:
        """Has no effect if another prompt is open by now."""
        if self._dialogs and self._dialogs[-1][0] == touch.number:
            _, it = self._dialogs.pop()
            if not self._dialogs:
                self._asked.clear()
            with suppress(Error):
                await (it.accept(touch.text if it.type == "prompt" else None) if touch.agree else it.dismiss())
        elif self._list and self._list.number == touch.number:
            await _in_frames(page, _CHOOSE, touch.chosen)

    async def end(self) -> None:
        """Dismisses unanswered dialogs."""
        for _, dialog in self._dialogs:
            with suppress(Error):
                await dialog.dismiss()
        self._dialogs.clear()
        self._asked.clear()
        self._list = None


async def _in_frames(page: Page, script: str, given: object = None) -> object:
    """Returns the first answer of a frame that isn't null."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_GLANCE):
            for frame in page.frames:
                with suppress(Error):
                    if (found := await frame.evaluate(script, given)) is not None:
                        return found
    return None
