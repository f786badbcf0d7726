"""PDFium's own functions, which have no types."""

from typing import Any

import pypdfium2.raw  # pyright: ignore[reportMissingTypeStubs]

raw: Any = pypdfium2.raw
