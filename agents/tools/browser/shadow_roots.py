"""Opens closed shadow roots for our own view of the page, including snapshots. The page's `attachShadow` is
unchanged."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from playwright.async_api import Error

_OPEN = "function (root) { Object.defineProperty(this, 'shadowRoot', {value: root, configurable: true}); }"


class ShadowRoots:
    """The closed roots of one page, found through its DevTools session. Frames of other processes aren't covered."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._worlds: set[int] = set()
        self._known: set[int] = set()

    async def watch(self) -> None:
        """From now on the page's script worlds are known; each gets its own view of an element."""

        def made(event: dict[str, Any]) -> None:
            self._worlds.add(event["context"]["id"])

        def gone(event: dict[str, Any]) -> None:
            self._worlds.discard(event["executionContextId"])

        def cleared(_: dict[str, Any]) -> None:
            self._worlds.clear()
            self._known.clear()

        self._session.on("Runtime.executionContextCreated", made)
        self._session.on("Runtime.executionContextDestroyed", gone)
        self._session.on("Runtime.executionContextsCleared", cleared)
        await self._session.send("Runtime.enable")

    async def open(self) -> None:
        """Makes `element.shadowRoot` return the closed roots that exist now."""
        with suppress(Error):
            whole = await self._session.send("DOM.getDocument", {"depth": -1, "pierce": True})
            for host, root in _closed(whole["root"]):
                if root not in self._known:
                    for world in tuple(self._worlds):
                        await self._open(world, host, root)
                    self._known.add(root)

    async def _open(self, world: int, host: int, root: int) -> None:
        with suppress(Error):  # a world of another frame
            of_host, of_root = [
                await self._session.send("DOM.resolveNode", {"backendNodeId": node, "executionContextId": world})
                for node in (host, root)
            ]
            on, argument = of_host["object"].get("objectId"), of_root["object"].get("objectId")
            if on and argument:  # missing in the world of a page that was left or of another frame
                call = {"objectId": on, "functionDeclaration": _OPEN, "arguments": [{"objectId": argument}]}
                await self._session.send("Runtime.callFunctionOn", call)


def _closed(node: dict[str, Any]) -> Iterator[tuple[int, int]]:
    """Yields host and root of every closed root below the node."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        for root in one.get("shadowRoots", ()):
            if root["shadowRootType"] == "closed":
                yield one["backendNodeId"], root["backendNodeId"]
            waiting.append(root)
        waiting += one.get("children", ())
        if "contentDocument" in one:
            waiting.append(one["contentDocument"])
