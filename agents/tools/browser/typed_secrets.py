"""Tracks what a person types on a page: fields stay covered, and known passwords are removed from text."""

from contextlib import suppress

from playwright.async_api import Error, Page

from agents.tools.browser.page_session import PageSession
from agents.tools.browser.page_view import KEEP_SECRET, NAMED_SECRET

_SHORTEST = 4
"""Shortest password that is removed everywhere; a shorter one would match half of the page's text."""
_TYPED = f"""() => {{
  let el = document.activeElement;
  while (el && el.shadowRoot && el.shadowRoot.activeElement) el = el.shadowRoot.activeElement;
  if (!document.hasFocus() || !el || !('value' in el)) return null;
  const secret = ({NAMED_SECRET})(el);
  ({KEEP_SECRET})(el);
  return [secret, String(el.value)];
}}"""


class TypedSecrets:
    """Tracks what is typed into the focused field."""

    def __init__(self, session: PageSession) -> None:
        self._session = session
        self._open = ""

    async def look(self, page: Page, text: str) -> None:
        """Records that `text` was typed, also into a field that disappeared (as after the last digit of a code)."""
        for frame in page.frames:
            with suppress(Error):
                found = await frame.evaluate(_TYPED)
                if found is not None:
                    self._open = str(found[1]) if found[0] else ""
                    return
        if self._open:
            self._open += text

    def done(self) -> None:
        """Records the field's whole content when the person moves on."""
        if len(self._open) >= _SHORTEST:
            self._session.secrets.add(self._open)
        self._open = ""
