"""Keeps the reasons with which vendors end a reply; litellm translates them, and calls those it doesn't know "stop"."""


class TranslatedReason(str):
    """A reason in litellm's words. `own`: the vendor's."""

    own: str

    def __new__(cls, translated: str, own: str) -> "TranslatedReason":
        made = super().__new__(cls, translated)
        made.own = own
        return made


class OwnReasons(dict[str, str]):
    """litellm's table of reasons, whose values remember what they were translated from."""

    def get(self, key: str, default: str | None = None, /) -> str:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Returns the translation of a vendor's reason, and "stop" for one that isn't in the table."""
        return TranslatedReason(super().get(key, default or "stop"), own_reason(key))


def own_reason(reason: object) -> str:
    """Returns the vendor's own reason, however often it was translated; empty if there is none."""
    return reason.own if isinstance(reason, TranslatedReason) else str(reason or "")
