"""How this server says no: Discord's status, code and sentence."""

from typing import Any


class Refusal(Exception):
    """A request that Discord would not take."""

    def __init__(self, status: int, code: int, message: str, errors: Any = None) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status, self.code, self.message, self.errors = status, code, message, errors

    def body(self) -> dict[str, Any]:
        """The JSON that Discord answers with."""
        body = {"message": self.message, "code": self.code}
        return body if self.errors is None else {**body, "errors": self.errors}


def bad_form(where: str, words: str) -> Refusal:
    """50035, as for every body that does not fit."""
    return Refusal(400, 50035, f"Invalid Form Body: {where}: {words}", {where: {"_errors": [{"message": words}]}})


def unknown(what: str, code: int) -> Refusal:
    return Refusal(404, code, f"Unknown {what}")
