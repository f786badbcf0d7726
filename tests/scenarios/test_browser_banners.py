"""What lies over a page: consent dialogs of the common kinds are refused, everything else is left alone."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, async_playwright

from agents.tools.browser.cookie_banners import dismissed
from tests.browser_fixtures import EXECUTABLE

OVER = "position:fixed;inset:0;background:#fffe"


def buttons(yes: str, no: str) -> str:
    mark = "document.title = this.innerText"
    return f"""<button onclick="{mark}">{yes}</button><button onclick="{mark}">{no}</button>"""


CONSENTS = {
    "OneTrust": (
        f'<div id="onetrust-consent-sdk"><div class="onetrust-pc-dark-filter" style="{OVER}"></div><div '
        f'id="onetrust-banner-sdk" role="alertdialog" style="position:fixed;bottom:0">'
        f"{buttons('OK', 'Reject All')}</div></div>",
        "Reject All",
    ),
    "Cookiebot": (
        f'<div id="CybotCookiebotDialog" style="position:fixed;bottom:0">{buttons("Allow all", "Deny")}</div>'
        f'<div id="CybotCookiebotDialogBodyUnderlay" style="{OVER};z-index:-0"></div>',
        "Deny",
    ),
    "Didomi": (
        f'<div id="didomi-host"><div class="didomi-popup-backdrop" style="{OVER}"><div class="didomi-popup-container">'
        f"{buttons('Accepter', 'Continuer sans accepter')}</div></div></div>",
        "Continuer sans accepter",
    ),
    "Quantcast": (
        f'<div class="qc-cmp-cleanslate" style="{OVER}"><div id="qc-cmp2-ui" role="dialog">'
        f"<h2>We value your privacy</h2>{buttons('AGREE', 'DISAGREE')}</div></div>",
        "DISAGREE",
    ),
    "by its heading alone": (
        f'<div style="{OVER}"><section><h2>Diese Seite verwendet Cookies</h2>{buttons("Alle annehmen", "Ablehnen")}'
        "</section></div>",
        "Ablehnen",
    ),
    "by its name alone": (
        f'<div role="dialog" aria-label="Gestion des cookies" style="{OVER}">{buttons("Accepter", "Refuser")}</div>',
        "Refuser",
    ),
}
OTHERS = {
    "an invitation": f'<div role="dialog" style="{OVER}"><h2>Ada invites you to the project</h2><p>Our privacy policy '
    f"applies.</p>{buttons('Accept', 'Decline')}</div>",
    "an offer": f'<div role="dialog" style="{OVER}"><h2>Job offer</h2><p>By accepting you consent to the processing of '
    f"your data (GDPR).</p>{buttons('Accept offer', 'Decline offer')}</div>",
    "a contract": f'<dialog open style="{OVER}"><h1>Arbeitsvertrag</h1><p>Mit der Einwilligung zum Datenschutz.</p>'
    f"{buttons('Unterschreiben', 'Ablehnen')}</dialog>",
    "a contract in French": f'<div style="{OVER}"><h1>Contrat de prêt</h1><p>Données personnelles : RGPD, cookies.</p>'
    f"{buttons('Signer', 'Refuser')}</div>",
    "an agreement": f'<div role="dialog" style="{OVER}"><h2>Accord de confidentialité</h2>'
    f"{buttons('Signer', 'Refuser')}</div>",
    "a request": f'<div role="dialog" style="{OVER}"><h2>Solicitud de amistad</h2><p>Política de privacidad.</p>'
    f"{buttons('Aceptar', 'Rechazar')}</div>",
    "a newsletter": f'<div class="modal cookie-styled" role="dialog" style="{OVER}"><h2>Stay in touch</h2>'
    f'<input type="email"><p>Privacy: we use cookies.</p>{buttons("Subscribe", "No, thanks")}</div>',
    "a call": f'<div role="alertdialog" style="{OVER}"><h2>Incoming call</h2>{buttons("Answer", "Decline")}</div>',
}


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=EXECUTABLE, args=["--no-sandbox"])
        yield await chromium.new_page()
        await chromium.close()


async def refused(page: Page, html: str) -> tuple[str, str]:
    """What was pressed, by us and on the page."""
    await page.set_content(f"<title>-</title><main><button id='read'>Read on</button></main>{html}")
    pressed, _ = await dismissed(page.locator("#read"))
    return pressed, await page.title()


async def test_a_consent_dialog_is_refused(page: Page) -> None:
    for kind, (html, no) in CONSENTS.items():
        assert await refused(page, html) == (no, no), kind


async def test_a_consent_dialog_in_a_closed_off_part_of_the_page_is_refused(page: Page) -> None:
    await page.set_content("<title>-</title><button id='read'>Read on</button><div id='usercentrics-root'></div>")
    inner = f'<div style="{OVER}"><h2>Privacy</h2>{buttons("Accept All", "Deny")}</div>'
    await page.evaluate(
        "html => document.querySelector('#usercentrics-root').attachShadow({mode: 'open'}).innerHTML = html", inner
    )
    assert (await dismissed(page.locator("#read")))[0] == "Deny"
    assert await page.title() == "Deny"


async def test_a_consent_dialog_that_is_a_page_of_its_own_is_refused(page: Page) -> None:
    inner = "<button>Accept</button><button onclick='parent.document.title = this.innerText'>Reject all</button>"
    html = f"""<div id="sp_message_container_9" style="{OVER}"><iframe title="SP Consent Message"
      style="width:100%;height:100%" srcdoc="{inner}"></iframe></div>"""
    assert await refused(page, html) == ("Reject all", "Reject all")


async def test_nothing_else_that_lies_over_a_page_is_pressed(page: Page) -> None:
    for kind, html in OTHERS.items():
        assert await refused(page, html) == ("", "-"), kind
