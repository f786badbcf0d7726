"""Takes from pages and workers what no route sees: WebSockets of workers, and pages loaded ahead by rules."""

from playwright.async_api import Error, Request, Route

_LIMITED = """function limited() {
  if (typeof document === 'undefined') {
    for (const name of ['WebSocket', 'WebSocketStream', 'WebTransport']) {
      Object.defineProperty(self, name, {value: undefined, writable: false, configurable: false});
    }
  }
  const Native = self.Worker;
  if (!Native) return;
  const text = address => {
    const asked = new XMLHttpRequest();
    asked.open('GET', address, false);
    asked.send();
    return asked.responseText;
  };
  self.Worker = function Worker(address, options) {
    let from = address;
    if (/^(blob|data):/.test(String(address))) {
      from = URL.createObjectURL(new Blob([`(${limited})();`, text(String(address))], {type: 'text/javascript'}));
    }
    return Reflect.construct(Native, [from, options], new.target || Native);
  };
  self.Worker.prototype = Native.prototype;
}"""
_NO_SPECULATION = """new MutationObserver(records => {
  const rules = 'script[type="speculationrules" i]';
  for (const {addedNodes} of records) for (const node of addedNodes) {
    if (node.nodeType !== 1) continue;
    if (node.matches(rules)) node.remove();
    else if (node.firstElementChild) for (const inner of node.querySelectorAll(rules)) inner.remove();
  }
}).observe(document, {childList: true, subtree: true});"""
"""Takes rules for loading pages ahead from the document before they count: no route sees what they load."""
IN_PAGES = f"({_LIMITED})(); delete self.WebTransport; {_NO_SPECULATION}"
"""The script that every document runs first; workers made from text run it, too."""


def starts_worker(asked: Request) -> bool:
    """Returns whether a worker was asked for: only its own script is requested without a user agent."""
    return asked.resource_type == "script" and "user-agent" not in asked.headers


async def fulfill(route: Route) -> None:
    """Serves the worker's script, after ours."""
    try:
        answer = await route.fetch(max_redirects=0)
        await route.fulfill(response=answer, body=f"({_LIMITED})(); {await answer.text()}")
    except (Error, UnicodeDecodeError):
        await route.abort("failed")
