"""Says what a start is doing if it takes longer than a second."""

import threading
from collections.abc import Callable

PATIENCE = 1.0


class Steps:
    """Stays silent for `patience` seconds, then prints the current step and each later one. Stop it at the end.

    It runs on its own thread, because imports hold up everything else.
    """

    def __init__(self, say: Callable[[str], None], first: str, *, patience: float = PATIENCE) -> None:
        self._say = say
        self._step = first
        self._slow = self._stopped = False
        self._one = threading.Lock()  # protects the three above
        self._timer = threading.Timer(patience, self.late)
        self._timer.daemon = True
        self._timer.start()

    def tell(self, step: str) -> None:
        """The start has reached that step."""
        with self._one:
            self._step = step
            self._speak()

    def late(self) -> None:
        """The first second is over."""
        with self._one:
            self._slow = True
            self._speak()

    def stop(self) -> None:
        """Prints nothing more."""
        self._timer.cancel()
        with self._one:
            self._stopped = True

    def _speak(self) -> None:
        if self._slow and not self._stopped:
            self._say(f"{self._step} …")
