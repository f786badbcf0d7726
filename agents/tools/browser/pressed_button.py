"""Reads what a button says before the agent presses it, to judge what the page sends because of that."""

from contextlib import suppress
from typing import Any, cast

from playwright.async_api import Error, Locator

from agents.tools.browser.page_session import PageSession
from agents.tools.browser.sends.button_words import NOTHING_PRESSED, ButtonPress, pressed

_PERSONAL = (
    "e-?mail|phone|telefon|mobile|iban|card.?n|cvv|cvc|passw|pwd|surname|last.?name|first.?name|full.?name|vorname"
    "|nachname|apellido|street|stra(ss|ß)e|address.?line|birth|geburt|message|comment|nachricht|cc-"
)
_READ = f"""el => {{
  if (!el || el === document.body) return null;
  const words = text => /[\\p{{L}}\\p{{N}}]/u.test(text || '');
  const said = it => ([it.innerText, it.getAttribute('aria-label'), it.value, it.title, it.alt].find(words)
    || it.innerText || '').trim();
  const buttons = 'button, input[type=submit], input[type=image], input[type=button], [role=button]';
  const first = 'button:not([type]), button[type=submit], input[type=submit], input[type=image]';
  const types = el.matches('input:not([type=submit], [type=image], [type=button], [type=checkbox], [type=radio])');
  const form = el.form || el.closest('form');
  const it = types ? form && form.querySelector(first)
    : el.closest(`${{buttons}}, a, label, summary, [role=menuitem], [role=tab], [role=link], [onclick]`) || el;
  const link = it && it.matches('a[href]:not([role=button], [onclick])') && !/^(#|javascript:)/.test(
    it.getAttribute('href'));
  const plain = !it || link || it.matches('textarea, select') || it.closest('th, [role=columnheader], [role=tab]');
  const box = el.closest('[role=dialog], [role=alertdialog], dialog') || form;
  const head = box && box.querySelector('h1, h2, h3, h4, legend, [role=heading]');
  const personal = f => f.value && f.type !== 'hidden' && (['email', 'tel', 'password'].includes(f.type)
    || /{_PERSONAL}/i.test(`${{f.autocomplete}} ${{f.name}} ${{f.id}}`));
  const fields = box ? [...box.querySelectorAll('input, textarea')] : [];
  return {{label: plain ? '' : said(it).slice(0, 200), head: head ? said(head).slice(0, 200) : '',
    personal: !link && fields.some(personal), submits: !!(form && !link)}};
}}"""
_FOCUSED = f"""() => {{
  let el = document.activeElement;
  while (el && el.shadowRoot && el.shadowRoot.activeElement) el = el.shadowRoot.activeElement;
  return ({_READ})(el);
}}"""


async def note_press(session: PageSession, element: Locator | None = None) -> None:
    """Notes what is about to be pressed: the element, or what has the focus."""
    past = session.guard.sends.past
    read: dict[str, Any] = {}
    with suppress(Error):
        way = element.evaluate(_READ, timeout=1000) if element else session.page.evaluate(_FOCUSED)
        read = cast(dict[str, Any] | None, await way) or {}
    past.press = pressed(
        past.press, read.get("label", ""), read.get("head", ""), personal=read.get("personal", False),
        submits=read.get("submits", False),
    )  # fmt: skip


def nothing_pressed(session: PageSession) -> None:
    """Notes that the agent does something else; a button that only agrees still means what was pressed before."""
    session.guard.sends.past.press = ButtonPress(wants=session.guard.sends.past.press.wants)


def note_choice(session: PageSession, option: str) -> None:
    """Notes what is about to be chosen in a list, which may act at once."""
    session.guard.sends.past.press = pressed(NOTHING_PRESSED, option, personal=False, submits=False)
