"""Pages set by typst: PDF and PNG without a browser. Texts come in as data and stay text."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any, Final, Literal

FONTS: Final = Path(__file__).resolve().parent.parent / "data" / "fonts"
Standard = Literal["ua-1", "a-2a"]
STANDARD: Final[Standard] = "ua-1"  # a tagged PDF that can be read aloud
PPI: Final = 110.0
# What Inter and typst's own fonts can show: Latin, Greek, Cyrillic, and the signs that we write with.
SHOWN: Final = (
    (0x0020, 0x007E), (0x00A0, 0x017F), (0x0386, 0x03CE), (0x0400, 0x045F), (0x1E00, 0x1EFF), (0x2010, 0x2027),
    (0x2030, 0x203A), (0x20AC, 0x20AC), (0x2190, 0x2193), (0x2212, 0x2212),
)  # fmt: skip


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
    data/fonts that a PDF can embed, else typst's own; what neither can show stands there by its name (`printable`). at: the instant that a PDF names as its making. standard: "ua-1" or
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
        sys_inputs={"held": json.dumps(_printable(held), ensure_ascii=False)},
        pdf_standards=[standard] if standard and kind == "pdf" else [],
        timestamp=int(at.timestamp()) if at else 0,
    )
    return tuple(made) if isinstance(made, list) else (bytes(made),)


def printable(text: str) -> str:
    """The text with signs that the fonts lack by their names ("[party popper]"), and words in other scripts as what they are.

    A PDF that can be read aloud may hold no sign that its fonts can not show: one smiley would leave the reader without any.
    """
    parts = []
    for is_shown, run in groupby(text, _is_shown):
        letters = "".join(run)
        if is_shown:
            parts.append(letters)
        elif any(letter.isalpha() for letter in letters):
            parts.append("[words in another script]")
        else:
            names = (unicodedata.name(letter, "").lower() for letter in letters)
            parts.append(
                "".join(
                    f"[{name}]" for name in names if name and "selector" not in name and "joiner" not in name
                )
            )
    return "".join(parts)


def _is_shown(letter: str) -> bool:
    return letter in "\n\t" or any(low <= ord(letter) <= high for low, high in SHOWN)


def _printable(held: Any) -> Any:
    if isinstance(held, str):
        return printable(held)
    if isinstance(held, Mapping):
        return {name: _printable(value) for name, value in held.items()}
    if isinstance(held, (list, tuple)):
        return [_printable(value) for value in held]
    return held
