"""Rate tiers on a clock: so many calls of a method a minute, about one post a second in a channel."""

import math
from collections import defaultdict, deque
from collections.abc import Callable

TIERS = {1: 1, 2: 20, 3: 50, 4: 100}
METHODS = {
    "chat.update": 3, "chat.delete": 3, "chat.postEphemeral": 4, "views.open": 4, "views.update": 4,
    "views.publish": 4, "reactions.add": 3, "files.getUploadURLExternal": 4, "files.completeUploadExternal": 4,
    "files.info": 4, "files.delete": 3, "conversations.replies": 3, "conversations.history": 3, "conversations.info": 3,
    "reactions.remove": 2, "chat.getPermalink": 4, "assistant.threads.setStatus": 4, "conversations.members": 4,
    "conversations.open": 3, "users.info": 4, "users.conversations": 3, "usergroups.list": 2,
}  # fmt: skip
BURST = 4


class Rates:
    """`now` in seconds. `wait` says how long a call must wait; 0 counts it and lets it through."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._calls: dict[str, deque[float]] = defaultdict(deque)
        self._posts: dict[str, tuple[float, float]] = {}

    def wait(self, method: str, channel: str) -> int:
        if method == "chat.postMessage":
            return self._post(channel)
        if method not in METHODS:
            return 0
        calls, most = self._calls[method], TIERS[METHODS[method]]
        now = self._now()
        while calls and calls[0] <= now - 60:
            calls.popleft()
        if len(calls) >= most:
            return max(1, math.ceil(calls[0] + 60 - now))
        calls.append(now)
        return 0

    def _post(self, channel: str) -> int:
        """A bucket of a few posts that fills with one a second."""
        now = self._now()
        tokens, at = self._posts.get(channel, (float(BURST), now))
        tokens = min(float(BURST), tokens + now - at)
        if tokens < 1:
            self._posts[channel] = (tokens, now)
            return max(1, math.ceil(1 - tokens))
        self._posts[channel] = (tokens - 1, now)
        return 0
