"""Pages set by typst: PDF and PNG without a browser. Texts come in as data and stay text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

FONTS: Final = Path(__file__).resolve().parent.parent / "data" / "fonts"
Standard = Literal["ua-1", "a-2a"]
STANDARD: Final[Standard] = "ua-1"  # a tagged PDF that can be read aloud
PPI: Final = 110.0


def typeset(
    template: Path,
    held: Mapping[str, Any],
    *,
    kind: Literal["pdf", "png"] = "pdf",
    at: datetime | None = None,
    standard: Standard | None = None,
    ppi: float = PPI,
) -> tuple[bytes, ...]:
    """A template with what it holds: the PDF as one document, or each page as PNG; the same input gives the same bytes.

    The template reads `json(bytes(sys.inputs.held))`, so that no text of the data is ever markup. Fonts are those of
    data/fonts that a PDF can embed, else typst's own. at: the instant that a PDF names as its making. standard: "ua-1" or
    "a-2a" for a PDF that must keep to it; raises where the template does not.
    """
    import typst

    made: bytes | list[bytes] = typst.compile(
        template,
        root=template.parent,
        font_paths=[FONTS],
        ignore_system_fonts=True,
        format=kind,
        ppi=ppi if kind == "png" else None,
        sys_inputs={"held": json.dumps(held, ensure_ascii=False)},
        pdf_standards=[standard] if standard and kind == "pdf" else [],
        timestamp=int(at.timestamp()) if at else 0,
    )
    return tuple(made) if isinstance(made, list) else (bytes(made),)
