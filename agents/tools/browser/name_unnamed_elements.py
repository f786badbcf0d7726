"""Gives elements the roles and names that they have for people: editors, icons, films, drawings."""

from playwright.async_api import Page

from agents.tools.browser.evaluate_in_frames import evaluate_in_frames

_GLANCE = 2.0
_NAME = r"""() => {
  const roots = [document];
  for (let n = 0; n < roots.length && n < 500; n += 1) {
    for (const el of roots[n].querySelectorAll('*')) if (el.shadowRoot) roots.push(el.shadowRoot);
  }
  const all = query => roots.flatMap(root => [...root.querySelectorAll(query)]);
  const plain = ['', 'none', 'presentation', 'generic', 'group', 'region', 'document', 'application', 'article'];
  for (const el of all('[contenteditable]:not([contenteditable=false i])')) {
    const role = (el.getAttribute('role') || '').trim().toLowerCase();
    if (plain.includes(role) && !el.parentElement?.isContentEditable) el.setAttribute('role', 'textbox');
  }
  if (document.designMode === 'on' && document.body) document.body.setAttribute('role', 'textbox');

  const words = text => /[\p{L}\p{N}]/u.test(text.replace(/[\uE000-\uF8FF]/g, ''));
  const tidy = text => (text || '').replace(/[\s_-]+/g, ' ').trim().slice(0, 80);
  const file = url => tidy(((url || '').split(/[?#]/)[0].split('/').pop() || '').replace(/\.\w+$/, ''));
  const tips = ['title', 'data-tooltip', 'data-original-title', 'data-bs-original-title', 'data-title', 'data-tip',
    'data-hint', 'data-balloon', 'tooltip'];
  const family = /^(?:fa|fas|far|fab|bi|icon|icons|mdi|ti|ri|glyphicon|ph|lucide|feather)-(.+)$/;
  const size = /^(?:fw|lg|xs|sm|xl|\dx|spin|solid|regular|brands|light|fill|btn|button|wrapper|only)$/;
  const tip = el => {
    for (const one of [el, ...el.querySelectorAll('*')].slice(0, 20)) {
      for (const name of tips) if (words(one.getAttribute(name) || '')) return tidy(one.getAttribute(name));
    }
    return '';
  };
  const icon = el => {
    for (const one of [el, ...el.querySelectorAll('*')].slice(0, 20)) {
      const use = one.localName === 'use' && (one.getAttribute('href') || one.getAttribute('xlink:href') || '');
      if (use && use.includes('#')) return tidy(use.split('#').pop().replace(/^(icon|i|svg|ic)[-_]/i, ''));
      if (one.localName === 'img' && words(file(one.getAttribute('src')))) return file(one.getAttribute('src'));
      for (const name of one.classList) {
        const found = name.match(family);
        if (found && !size.test(found[1])) return tidy(found[1]);
      }
    }
    return '';
  };
  const named = el => words(el.getAttribute('aria-label') || '') || el.hasAttribute('aria-labelledby');
  const text = el => (el.innerText || '') + [...el.querySelectorAll('img[alt], svg title, [aria-label]')]
    .map(one => one.getAttribute('alt') || one.getAttribute('aria-label') || one.textContent).join('');
  const acts = 'button, a[href], summary, [role=button], [role=link], [role=tab], [role=menuitem], [onclick], '
    + '[tabindex], i, span, svg, div';
  for (const el of all(acts).slice(0, 6000)) {
    const weak = ['i', 'span', 'svg', 'div'].includes(el.localName) && !el.hasAttribute('role');
    if ((el.textContent || '').length > 200 || el.childElementCount > 5 || el.closest('[contenteditable]')) continue;
    if (named(el) || words(text(el))) continue;
    if (weak && (getComputedStyle(el).cursor !== 'pointer' || el.parentElement?.closest('a, button, [role=button]')
      || getComputedStyle(el.parentElement || el).cursor === 'pointer')) continue;
    const found = tip(el) || (el.getAttribute('value') || '') || icon(el);
    if (found) el.setAttribute('aria-label', found);
    if (weak && (found || [1, 2].includes(text(el).trim().length))) el.setAttribute('role', 'button');
  }
  for (const el of all('video, audio')) {
    if (named(el)) continue;
    const said = el.closest('figure')?.querySelector('figcaption')?.innerText;
    const source = el.getAttribute('src') || el.querySelector('source')?.getAttribute('src') || '';
    const own = tidy(el.title) || tidy(said) || file(source.startsWith('blob:') ? '' : source);
    el.setAttribute('aria-label', `${el.localName}${own ? ' ' + own : ''}`);
  }
  const large = el => {
    const box = el.getBoundingClientRect();
    return box.width >= 200 && box.height >= 100 && box.width * box.height >= 40000 && el.checkVisibility();
  };
  for (const el of all('canvas[aria-label]:not([role])')) el.setAttribute('role', 'img');
  const silent = el => !named(el) && !el.closest('a, button, [role=button], [role=link]')
    && !words(el.getAttribute('alt') || '') && !words(el.textContent)
    && !el.parentElement?.closest('canvas, svg') && large(el);
  const place = el => { const box = el.getBoundingClientRect(); return `${box.left | 0},${box.top | 0}`; };
  const known = all('[data-wordless]'), taken = new Set(known.map(place));
  for (const el of all('canvas, svg, img').filter(silent).slice(0, Math.max(0, 8 - known.length))) {
    if (taken.has(place(el))) continue;  // layers on top of each other are one picture
    taken.add(place(el));
    const source = el.getAttribute('src') || '';
    const own = /^(data|blob):/.test(source) ? '' : file(source);
    el.setAttribute('role', 'img');
    el.setAttribute('data-wordless', '');
    el.setAttribute('aria-label', `${own ? own + ', a' : 'a'} picture without text; browser_screenshot shows it`);
  }
}"""


async def name_elements(page: Page) -> None:
    """Names them in every frame; what a page or a frame already names stays."""
    await evaluate_in_frames(page, _NAME, seconds=_GLANCE)
