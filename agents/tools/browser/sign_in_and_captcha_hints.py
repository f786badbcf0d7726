"""Recognizes pages that need a person: sign-ins and CAPTCHAs."""

import asyncio
import re
from contextlib import suppress

from playwright.async_api import Error

from agents.tools.browser.page_session import PageSession

_GLANCE = 1.0
"""Seconds that the frames of a page may take to identify themselves."""
_ROBOT = "robot"
_SIGN_IN = "sign in"
# An invisible check asks nothing of anyone; a frame is recognised by its address, because it may not have loaded.
_FIND = f"""() => {{
  const seen = el => el.checkVisibility({{visibilityProperty: true}}) && el.getBoundingClientRect().height > 4;
  const some = (what, fits) => [...document.querySelectorAll(what)].some(el => seen(el) && fits(el));
  const asks = /recaptcha\\/.*anchor|hcaptcha\\.com|challenges\\.cloudflare\\.com/;
  const robot = /(not|no) (a )?robot|(verify|confirm) (that )?you are (a )?human|kein Roboter/i;
  const said = el => [el.innerText, el.ariaLabel, el.value, ...[...(el.labels || [])].map(l => l.innerText)].join(' ');
  if (some('iframe', el => asks.test(el.src) && !/size=invisible/.test(el.src))) return {_ROBOT!r};
  if (some('.g-recaptcha, .h-captcha, .cf-turnstile', el => el.dataset.size !== 'invisible')) return {_ROBOT!r};
  const boxes = 'button, [role=button], [role=checkbox], label';
  if (some(boxes, el => robot.test(said(el)))) return {_ROBOT!r};
  if (some('input[type=checkbox]', el => robot.test(said(el)))) return {_ROBOT!r};
  if (some('h1, h2, [role=heading]', el => robot.test(said(el)))) return {_ROBOT!r};
  return some('input[type=password]', () => true) ? {_SIGN_IN!r} : '';
}}"""
_HINTS = {
    _ROBOT: "This page needs a person: call ask_to_take_over.",
    _SIGN_IN: (
        "This page asks for a password: have a person sign in with ask_to_take_over, or open it with "
        "browser_open(login=…) if your team has a login for it."
    ),
}


_SIGN_IN_PLACE = re.compile(r"oauth|authori[sz]e|sign-?in|log-?in|/sso|saml|openid|//(accounts|login|auth|id)\.", re.I)


def is_sign_in(url: str) -> bool:
    """Returns whether the address of a new window says that one signs in there."""
    return bool(_SIGN_IN_PLACE.search(url.split("?")[0]))


async def hint(session: PageSession) -> list[str]:
    """Returns one line for an agent if its page without a login needs a person; otherwise none."""
    found = set[str]()
    if session.carried is None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_GLANCE):
                for frame in session.page.frames:
                    with suppress(Error):
                        found.add(str(await frame.evaluate(_FIND)))
    return [f"[{words}]" for what, words in _HINTS.items() if what in found][:1]
