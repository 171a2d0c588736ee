"""Which bodies hold nothing that cleaning looks for: told for a whole column at once, so that most are never opened.

Each part of the expression is at least as wide as what it stands for in `clean`, `quoted` and `html_text`, so that a
body it does not match comes out of `clean` as it went in, but for white space at its ends. A test holds both together.
"""

from __future__ import annotations

import re
from typing import Final

import polars as pl

from metrics.text.clean import ABSENT_WORDS, AUTOMATIC_WORDS

# Signs that are taken out, turned into others or written otherwise; and two letters that fold as no others do.
_SIGNS = (
    r"[^\n -\x{7e}\x{a1}-\x{ac}\x{ae}-\x{12f}\x{132}-\x{61b}\x{61d}-\x{167f}\x{1681}-\x{180d}\x{180f}-\x{1fff}"
    r"\x{2010}-\x{2027}\x{2030}-\x{205e}\x{2070}-\x{2fff}\x{3001}-\x{d7ff}\x{e000}-\x{fefe}\x{ff00}-\x{fff8}"
    r"\x{fffc}-\x{10ffff}]|&| \n|\n\n\n"
)
# How a line begins under which, or from which on, somebody else's words or a signature may stand; a colon at its end.
_LINE_BEGINS = (
    r"[>\-_*=#\x{2013}\x{2014}]|(?:from|von|de|da|van|fr\x{e5}n|od|\x{43e}\x{442}|date|datum|begin|anfang|d\x{e9}but"
    r"|ini[cz]io)(?:[^a-z]|$)|sent |get outlook|diese nachricht|von meinem|gesendet|envoy|enviado|inviato|ver[zs]"
    r"|(?:with )?(?:best|kind|warm)|regards|(?:yours )?(?:sincerely|truly|faithfully)|mit |viele|beste|freundliche|liebe"
    r"|cordial|bien \x{e0}|(?:un )?saludo|un cordial|atentamente|distinti|met |atenciosamente"
)
_WORDS = "|".join(re.escape(word) for word in (*AUTOMATIC_WORDS, *ABSENT_WORDS)).replace(r"\ ", " ")
FOUND: Final = rf"(?i)(?:{_SIGNS}|{_WORDS})"
FOUND_IN_LINES: Final = rf"(?im)(?:^[ ]*(?:{_LINE_BEGINS})|:[ ]*$)"


def untouched(bodies: pl.Series, is_html: pl.Series) -> pl.Series:
    """Whether each body has nothing to clean; false where there is no body or where it may be HTML."""
    frame = pl.DataFrame({"body": bodies, "is_html": is_html})
    body = pl.col("body")
    is_text = ~pl.col("is_html").fill_null(body.str.contains("<", literal=True))
    is_in_lines = body.str.contains("\n", literal=True) & body.str.contains(FOUND_IN_LINES)
    return frame.select((is_text & ~body.str.contains(FOUND) & ~is_in_lines).fill_null(False)).to_series()
