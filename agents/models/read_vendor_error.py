"""Reads what a vendor really answered from an error of the library, which sorts errors by words in them. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, cast

from agents.models.vendor_error_text import sentence_of, words_of


@dataclass(frozen=True)
class VendorFault:
    """An error as the vendor sent it. `status`: None if no answer came; `words`: lower case; `headers`: lower case;
    `said`: its main sentence, as people may read it."""

    status: int | None
    words: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: object = None
    said: str = ""


def fault_of(error: Exception, sent: Sequence[Mapping[str, Any]] = ()) -> VendorFault:
    """Returns what the vendor answered. `sent`: the messages of the request, which its words may quote."""
    found = behind(error)
    body = next((b for one in _chain(found) if (b := getattr(one, "body", None))), None)
    said = sentence_of(found, sent, body=body)
    return VendorFault(_status(found), words_of(found, sent), headers_of(found), body, said)


def behind(error: Exception) -> Exception:
    """Returns the vendor's own error; the library wraps those that end a stream."""
    inner = getattr(error, "original_exception", None)
    return behind(inner) if isinstance(inner, Exception) and inner is not error else error


class NoAnswer(Exception):
    """A successful response whose body holds no reply."""

    def __init__(self, body: Any) -> None:
        super().__init__()
        self.body = body


def fault_of_body(body: Any, sent: Sequence[Mapping[str, Any]]) -> VendorFault:
    """Returns the error that a successful response holds instead of a reply."""
    found: Mapping[str, Any] = cast("Mapping[str, Any]", body) if isinstance(body, Mapping) else {}
    page = body if isinstance(body, str) else ""
    error: Any = found.get("error")
    code: Any = cast("Mapping[str, Any]", error).get("code") if isinstance(error, Mapping) else found.get("code")
    status = code if isinstance(code, int) and 400 <= code < 600 else None
    words = words_of(Exception(page), sent, body=found)
    said = sentence_of(Exception(""), sent, body=found)
    return VendorFault(status, words, body=cast("object", body), said=said)


def generation_in(body: object) -> str:
    """Returns the model's reply that an error includes; empty if it includes none."""
    if not isinstance(body, Mapping):
        return ""
    found = cast("Mapping[str, object]", body)
    own = found.get("failed_generation")
    return own if isinstance(own, str) else generation_in(found.get("error"))


def vendor_errors(lib: ModuleType) -> tuple[type[Exception], ...]:
    """Returns the kinds of error that asking a vendor can raise."""
    return (lib.exceptions.openai.OpenAIError, TimeoutError, OSError, ValueError)


def headers_of(error: Exception) -> Mapping[str, str]:
    """Returns the headers of the response behind the error, if there was one."""
    response: Any = getattr(error, "response", None)
    headers: Any = getattr(error, "litellm_response_headers", None) or getattr(response, "headers", None)
    return {str(k).lower(): str(v) for k, v in dict(headers or {}).items()}


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yields the error and those that it was made from."""
    seen: list[BaseException] = []
    found: BaseException | None = error
    while found is not None and all(found is not one for one in seen):
        seen.append(found)
        yield found
        found = found.__cause__ or found.__context__


def _status(error: Exception) -> int | None:
    """Returns the status of the answer: the innermost error has the server's own. The library gives one to a connection
    that failed, too."""
    kinds = {kind.__name__ for one in _chain(error) for kind in type(one).__mro__}
    if kinds & {"TransportError", "OSError"}:
        return None
    codes = [code for one in _chain(error) if isinstance(code := getattr(one, "status_code", None), int)]
    return codes[-1] if codes else None
