"""Rate limits: fixed windows per bucket, and 50 requests a second in all."""

import asyncio
import hashlib
import time
from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple


class Limit(NamedTuple):
    most: int
    seconds: float
    hidden: bool = False


SENDS = EDITS = Limit(5, 5)
OLD_EDITS = Limit(3, 6, hidden=True)
RENAMES = Limit(2, 600, hidden=True)
LIMITS: dict[tuple[str, str], Limit] = {
    ("POST", "/channels/{channel_id}/messages"): SENDS,
    ("PATCH", "/channels/{channel_id}/messages/{message_id}"): EDITS,
    ("PUT", "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me"): Limit(1, 0.25),
    ("DELETE", "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me"): Limit(1, 0.25),
}
OTHERS = Limit(10, 5)
GLOBAL = 50


@dataclass
class Window:
    began: float = -1e9
    used: int = 0


class Verdict(NamedTuple):
    """`wait` > 0: refused, with the seconds to wait; `headers` belong on every answer."""

    wait: float
    headers: dict[str, str]
    scope: str = "user"
    code: int = 0


@dataclass
class Rates:
    """`enforced`: as Discord does it; off, nothing is counted (for tests of other things)."""

    enforced: bool = True
    windows: dict[tuple[str, str], Window] = field(default_factory=dict)
    recent: deque[float] = field(default_factory=deque)

    def take(self, bucket: str, major: str, limit: Limit) -> Verdict:
        """Counts one request in its bucket."""
        if not self.enforced:
            return Verdict(0, {})
        now = asyncio.get_running_loop().time()
        window = self.windows.setdefault((bucket, major), Window())
        if now - window.began >= limit.seconds:
            window.began, window.used = now, 0
        left = window.began + limit.seconds - now
        full = window.used >= limit.most
        window.used += not full
        headers = {} if limit.hidden else _headers(bucket, limit, limit.most - window.used, left)
        return Verdict(left if full else 0, headers, code=30046 if limit is OLD_EDITS else 0)

    def take_global(self) -> Verdict:
        """Counts one request of the bot against the 50 a second."""
        now = asyncio.get_running_loop().time()
        while self.recent and now - self.recent[0] >= 1:
            self.recent.popleft()
        if self.enforced and len(self.recent) >= GLOBAL:
            return Verdict(1 - (now - self.recent[0]), {}, "global")
        self.recent.append(now)
        return Verdict(0, {})


def refusal(bucket: str, seconds: float) -> Verdict:
    """A 429 out of turn: a bucket that is empty for so long."""
    return Verdict(seconds, _headers(bucket, Limit(5, seconds), 0, seconds))


def _headers(bucket: str, limit: Limit, remaining: int, left: float) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(limit.most),
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset": f"{time.time() + left:.3f}",
        "X-RateLimit-Reset-After": f"{left:.3f}",
        "X-RateLimit-Bucket": hashlib.sha256(bucket.encode()).hexdigest()[:32],
    }
