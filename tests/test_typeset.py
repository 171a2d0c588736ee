"""A PDF comes whole whatever customers wrote: one smiley once left a team lead without any."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from metrics.typeset import STANDARD, printable, typeset


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("It works \U0001f389", "It works [party popper]"),
        ("\u2764\ufe0f thanks", "[heavy black heart] thanks"),
        ("\u8c22\u8c22 all", "[words in another script] all"),
        (
            "\u00c5sa \u017bo\u0142\u0105d\u017a, \u20ac5 \u2212 3",
            "\u00c5sa \u017bo\u0142\u0105d\u017a, \u20ac5 \u2212 3",
        ),
        ("a\x07b", "ab"),
    ],
)
def test_what_the_fonts_lack_stands_there_by_its_name(text: str, printed: str) -> None:
    assert printable(text) == printed


def test_any_sign_can_be_set(tmp_path: Path) -> None:
    template = tmp_path / "one.typ"
    template.write_text(
        '#let held = json(bytes(sys.inputs.held))\n#set document(title: "T", date: none)\n'
        '#set text(font: ("Inter", "Libertinus Serif"), lang: "en")\n#for one in held.words [#one #parbreak()]'
    )
    signs = [chr(number) for number in range(32, 0x3000) if chr(number).isprintable()]
    words = [
        "\U0001f389 done",
        "\u0645\u0631\u062d\u0628\u0627",
        *("".join(signs[at : at + 60]) for at in range(0, len(signs), 60)),
    ]
    (made,) = typeset(template, {"words": words}, standard=STANDARD)
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(made)).pages)
    assert "[party popper] done" in " ".join(text.split())
