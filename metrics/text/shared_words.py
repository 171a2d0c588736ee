"""The words two texts share: the first letters of those that say what a text is about, on whole columns at once."""

from __future__ import annotations

from typing import Final

import polars as pl

STEM: Final = 5  # letters compared, so that "filter", "filters" and "filtering" are one word
_EMPTY_WORDS: Final = (
    "the and for you your yours our are was were this that these those with have has had not but can could would will "
    "should shall may might must what when where which who why how from they them their there here then than just also "
    "very much more most some any all one two get got make made let like want need please thank thanks know see way "
    "about into out over only even ever never still really because its don doesn didn won isn wasn haven okay yes yeah "
    "well right gonna been being did does doing done going kind sort thing things think guess mean lot little bit maybe "
    "feel said say says hello dear sorry regards team help hey too now again since while his her him she himself"
)
_EMPTY: Final = sorted({word[:STEM] for word in _EMPTY_WORDS.split()})


def with_words(said: pl.DataFrame, name: str) -> pl.DataFrame:
    """The rows with the words of their `text` in a column of this name, found once for each different text."""
    texts = said.select(pl.col("text").unique()).with_columns(words(pl.col("text")).alias(name))
    return said.join(texts, on="text", how="left", maintain_order="left")


def words(text: pl.Expr) -> pl.Expr:
    """The first letters of the words of a text that say what it is about, each once: a list for each row.

    Names after @ and links are none.
    """
    stems = (
        text.str.replace_all(r"@\w+|https?://\S+", " ")
        .str.to_lowercase()
        .str.extract_all(r"[\p{L}]{3,}")
        .list.eval(pl.element().str.slice(0, STEM))
    )
    return stems.list.set_difference(_EMPTY)
