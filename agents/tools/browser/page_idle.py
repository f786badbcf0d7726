"""Waits until a page is idle after an action: loaded, nothing fetched, nothing redrawn."""

import asyncio
from contextlib import suppress

from playwright.async_api import Error

from agents.tools.browser.page_session import PageSession

LONGEST = 3.0
"""Seconds; a page that never settles is shown as it is."""

_QUIET = """() => new Promise(done => {
  let timer = setTimeout(done, 80);
  setTimeout(done, 1000);
  new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(done, 80); })
    .observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
})"""
LOADING = "|".join((
    "loading", "please wait", "one moment", "initiali[sz]ing", "(wird |daten werden )?(ge)?laden", "bitte warten",
    "chargement", "veuillez patienter", "cargando", "espere", "caricamento", "attendere", "carregando", "aguarde",
    "even geduld", "wczytywanie", "ładowanie", "laddar", "läser in", "indlæser", "laster", "ladataan", "yükleniyor",
    "загрузка", "読み込み", "加载", "載入",
))  # fmt: skip
"""How the words begin that a page shows while it loads."""
_UNFINISHED = f"""() => {{
  const words = document.body ? document.body.innerText.trim() : '';
  return words.length < 60 && /^({LOADING})/i.test(words);
}}"""
"""The page shows nothing but that it loads."""
_COUNTS = frozenset(("document", "script", "xhr", "fetch", "stylesheet"))


async def settle(session: PageSession) -> None:
    """Returns when the page is idle, has died, or LONGEST is over."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LONGEST):
            while session.alive:
                try:
                    await session.page.wait_for_load_state("domcontentloaded")
                    await session.page.evaluate(_QUIET)
                except Error:  # it went to another page in the meantime, or died
                    await asyncio.sleep(0.02)
                    continue
                if not is_fetching(session) and not await _unfinished(session):
                    return


def is_fetching(session: PageSession) -> bool:
    """Returns whether the page waits for an answer that may change it."""
    return any(r.resource_type in _COUNTS and r not in session.guard.sends.waiting for r in tuple(session.loading))


async def _unfinished(session: PageSession) -> bool:
    """Returns whether the page says that it's loading, unless it waits for what was held back."""
    if session.guard.sends.waiting:
        return False
    with suppress(Error):
        if await session.page.evaluate(_UNFINISHED):
            await asyncio.sleep(0.1)
            return True
    return False
