"""A cookie banner that lies over the page: the button that says no is pressed, never one that says yes."""

from playwright.async_api import Error, Locator

_BANNERS = ", ".join(
    ["[role=dialog]", "dialog", *(f"[{at}*={word} i]" for at in ("id", "class") for word in ("cookie", "consent"))]
)
_ABOUT = "cookie|consent|einwillig|datenschutz|privacy|rgpd|gdpr"
_NO = "|".join((
    "reject", "decline", "refuse", "deny", "disagree", "no[, ]", "no$",
    "(use )?(only )?(strictly )?(necessary|essential)",
    "continue without", "(alle )?ablehnen", "nur (notwendige|essenzielle|erforderliche)", "(tout )?refuser",
    "continuer sans", "rechazar", "rifiuta", "weigeren", "recusar", "odrzu", "avvisa", "afvis",
))  # fmt: skip
_PRESS = f"""el => {{
  const box = el.getBoundingClientRect();
  let over = el.getRootNode().elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  while (over && !['fixed', 'sticky', 'absolute'].includes(getComputedStyle(over).position)) over = over.parentElement;
  const banner = over && (over.closest({_BANNERS!r}) || over);
  if (!banner || banner.contains(el)) return null;
  const said = it => (it.innerText || it.value || it.getAttribute('aria-label') || '').trim();
  const about = /{_ABOUT}/i.test(`${{banner.id}} ${{banner.className}} ${{banner.innerText}}`);
  const buttons = [...banner.querySelectorAll('button, [role=button], input[type=button]')];
  const button = about && buttons.find(it => /^({_NO})/i.test(said(it)));
  if (button) button.click();
  const name = banner.getAttribute('aria-label') || said(banner);
  return {{pressed: button ? said(button) : '', name: name.slice(0, 80)}};
}}"""


async def dismissed(element: Locator) -> tuple[str, str]:
    """The words of the refusing button that was pressed (or none), and what lies over the element (or nothing)."""
    try:
        found = await element.evaluate(_PRESS, timeout=1000)
    except Error:
        return "", ""
    return (str(found["pressed"]), " ".join(str(found["name"]).split())) if found else ("", "")
