"""What a person types at a page: the fields stay covered, and passwords are known so that no word shows them."""

from contextlib import suppress

from playwright.async_api import Error, Page

from agents.tools.browser.look import KEEP_SECRET, NAMED_SECRET
from agents.tools.browser.page_session import Seat

_SHORTEST = 4
"""Characters of a password that is looked for everywhere; a shorter one would cover half of the page's words."""
_TYPED = f"""() => {{
  let el = document.activeElement;
  while (el && el.shadowRoot && el.shadowRoot.activeElement) el = el.shadowRoot.activeElement;
  if (!document.hasFocus() || !el || !('value' in el)) return null;
  const secret = ({NAMED_SECRET})(el);
  ({KEEP_SECRET})(el);
  return [secret, String(el.value)];
}}"""


class Typed:
    """Follows what is typed into the field that has the focus."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        self._open = ""

    async def look(self, page: Page, text: str) -> None:
        """After `text` was typed. A field that went away with it, as after the last digit of a code, had it too."""
        for frame in page.frames:
            with suppress(Error):
                found = await frame.evaluate(_TYPED)
                if found is not None:
                    self._open = str(found[1]) if found[0] else ""
                    return
        if self._open:
            self._open += text

    def done(self) -> None:
        """The person goes on to something else: what stands in the field is the whole of it."""
        if len(self._open) >= _SHORTEST:
            self._seat.secrets.add(self._open)
        self._open = ""
