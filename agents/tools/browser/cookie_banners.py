"""Dismisses a cookie banner that covers the page: presses the refusing button, never an accepting one.

Touches only what is a cookie or consent dialog by its id, class, name or heading. An invitation, an offer or a
contract that mentions privacy is left to the agent or a person.
"""

from typing import Any

from playwright.async_api import Error, Frame, Locator

_MARKS = "|".join((
    "cookie", "consent", "gdpr", "rgpd", "dsgvo", "onetrust", "cybot", "didomi", "usercentrics", "qc-cmp", "truste",
    "trustarc", "sp_message", "osano", "klaro", "iubenda-cs", "cmplz", "borlabs", "axeptio", "tarteaucitron",
))  # fmt: skip
"""What the ids and classes of consent dialogs contain."""
_HEADINGS = "|".join((
    "cookie", "(your|about your|value your) privacy", "(privacy|consent) (settings|preferences|choices|cent)",
    "(ihre|deine) privatsphäre", "(datenschutz|privatsphäre).{0,3}einstellungen", "votre vie privée",
    "paramètres de confidentialité", "(tu|su) privacidad", "(tua|sua) (privacy|privacidade)", "(je|uw) privacy",
    "twoj.{1,3} prywatnoś", "integritetsinställ",
))  # fmt: skip
"""What the headings and names of consent dialogs contain. Not *confidentialité* alone: that may be a contract."""
_NO = "|".join((
    "reject", "decline", "refuse", "deny", "disagree", "no[, ]", "no$",
    "(use )?(only )?(strictly )?(necessary|essential)", "(allow )?(only )?(strictly )?(necessary|essential)",
    "continue without", "(alle )?ablehnen", "alles? ablehnen", "nur (notwendige|essenzielle|erforderliche)",
    "(tout )?refuser", "continuer sans", "rechazar", "rifiuta", "weigeren", "alles weigeren", "recusar", "rejeitar",
    "odrzu", "avvisa", "afvis",
))  # fmt: skip
_FIND = f"""
  const said = it => (it.innerText || it.value || it.getAttribute('aria-label') || '').trim();
  const up = it => it.parentElement || it.getRootNode().host || null;
  const marked = it => /{_MARKS}/i.test(`${{it.id}} ${{it.getAttribute('class') || ''}} ${{it.title || ''}}`);
  const named = it => {{
    const by = (it.getAttribute('aria-labelledby') || '').split(/\\s+/).map(id => id && document.getElementById(id));
    const head = it.querySelector('h1, h2, h3, h4, [role=heading]');
    const names = [it.getAttribute('aria-label'), ...by.map(one => one && said(one)), head && said(head)];
    return names.some(name => name && /{_HEADINGS}/i.test(name));
  }};
  const writes = 'input[type=email], input[type=password], input[type=tel], textarea';
  const consents = it => (marked(it) || named(it)) && !it.querySelector(writes);
  const all = (root, found = []) => {{
    for (const it of root.querySelectorAll('*')) {{
      if (it.matches('button, [role=button], input[type=button], input[type=submit]')) found.push(it);
      if (it.shadowRoot) all(it.shadowRoot, found);
    }}
    return found;
  }};
  const refusing = root => [...all(root.shadowRoot || root), ...(root.shadowRoot ? all(root) : [])]
    .find(it => it.getClientRects().length && new RegExp({_NO!r}.replace(/^/, '^(') + ')', 'i').test(said(it)));
  const framed = it => {{
    const frame = it.matches('iframe, frame') ? it : it.querySelector('iframe, frame');
    const title = frame && frame.title ? `${{frame.title}}, ` : '';
    return frame ? `${{title}}a frame from ${{frame.src || 'this page'}}` : '';
  }};
  const press = it => {{ it.click(); return said(it); }};
"""
_OVER = f"""el => {{
  {_FIND}
  const box = el.getBoundingClientRect(), x = box.x + box.width / 2, y = box.y + box.height / 2;
  let over = el.getRootNode().elementFromPoint(x, y);
  while (over && over.shadowRoot) {{
    const inner = over.shadowRoot.elementFromPoint(x, y);
    if (!inner || inner === over) break;
    over = inner;
  }}
  const chain = [];
  for (let it = over; it && it !== document.body && !it.contains(el); it = up(it)) chain.push(it);
  if (!chain.length) return null;
  const outer = chain[chain.length - 1];
  const name = (outer.getAttribute('aria-label') || said(outer) || framed(outer)).slice(0, 80);
  if (!chain.some(consents)) return {{pressed: '', name, frames: false}};
  const roots = [...chain.filter(consents).reverse(), ...[...document.body.children].filter(consents)];
  const button = roots.map(refusing).find(it => it);
  return {{pressed: button ? press(button) : '', name, frames: !button}};
}}"""
_INSIDE = f"() => {{ {_FIND} const button = refusing(document.body); return button ? press(button) : ''; }}"
_CONSENTS = f"it => {{ {_FIND} return marked(it) || !!(up(it) && marked(up(it))); }}"


async def dismissed(element: Locator) -> tuple[str, str]:
    """Returns the label of the refusing button that was pressed (or none), and what covers the element (or nothing)."""
    try:
        found: dict[str, Any] | None = await element.evaluate(_OVER, timeout=1000)
        if found is None:
            return "", ""
        pressed = str(found["pressed"])
        if found["frames"]:
            pressed = await _inside_frames(element)
    except Error:
        return "", ""
    return pressed, " ".join(str(found["name"]).split())


async def _inside_frames(element: Locator) -> str:
    """Some consent dialogs are pages of their own inside the page."""
    for frame in element.page.frames:
        if frame.parent_frame is not None and await _is_consent(frame) and (pressed := await frame.evaluate(_INSIDE)):
            return str(pressed)
    return ""


async def _is_consent(frame: Frame) -> bool:
    try:
        return bool(await (await frame.frame_element()).evaluate(_CONSENTS))
    except Error:
        return False
