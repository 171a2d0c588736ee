"""Manners: the lines that open and close a customer's message, which say nothing of how the customer feels.

A sentence is a line of manners where it is one as a whole (kinds greeting, sign_off and thanks_line of
data/lexicons/sentiment_shift.toml) and stands where manners stand:

greeting     first in the message, after nothing but greetings; a line of name and comma counts as one
closing      last, with nothing but closings after it: a sign-off, thanks, a name below either, or a name alone
thanks       as a closing before our answer; after our answer they are meant, unless they stand above a sign-off or a
             name without an end mark of their own ("Thanks,") and the message says something else
"""

from __future__ import annotations

from typing import Final

import polars as pl

FELT: Final = 0.15  # a line with more feeling than this is no bare greeting, whatever it opens with

_MESSAGE = ["source", "ticket_id", "message_id"]
_NAME_WORD = r"\p{Lu}[\p{L}\p{M}.'’-]*"
_NAME = rf"^[-–—~^*/]{{0,2}} ?{_NAME_WORD}(?: (?:{_NAME_WORD}|van|von|de|der|den|da|di|la|le|bin|al)){{0,3}}[ ,.]*$"
_INITIALS = r"^[-–—~^/*]{1,2} ?\p{L}{1,12}\.?$"
_ENDED = r"[.!?…)\p{S}]\s*$"
_LONGEST_NAME = 40  # code points


def without_manners(said: pl.DataFrame, hits: pl.DataFrame, lexicon: str) -> pl.DataFrame:
    """The customers' sentences without lines of manners; a message of manners alone keeps them, with polarity 0.0.

    said: sentences with `is_after`, whether they follow our answer. In the order in which they came.
    """
    run = _marked(said, hits, lexicon).with_columns(
        *_position(), message=pl.struct(_MESSAGE).rle_id(), place=pl.int_range(pl.len())
    )
    # An opening reaches up to the first line that opens nothing, a closing from behind the last that closes nothing.
    run = _of_message(
        run,
        first_other=pl.when(~pl.col("opens")).then("place").min(),
        last_other=pl.when(~pl.col("closes")).then("place").max(),
    ).with_columns(
        is_opening=(pl.col("place") < pl.col("first_other")).fill_null(True),
        is_closing=(pl.col("place") > pl.col("last_other")).fill_null(True),
    )
    is_signature = pl.col("is_closing") & pl.col("kind_of_line").is_in(["sign_off", "thanks_line"])
    run = _of_message(
        run,
        has_more=(~pl.col("is_opening") & ~pl.col("is_closing")).any(),
        first_signature=pl.when(is_signature).then("place").min(),
    )
    is_signed = (pl.col("place") > pl.col("first_signature")).fill_null(False)
    is_above_closing = (
        pl.col("is_closing").shift(-1) & (pl.col("message").shift(-1) == pl.col("message"))
    ).fill_null(False)
    is_thanks = pl.col("kind_of_line") == "thanks_line"
    is_comma = pl.col("text").str.contains(r",\s*$")
    is_formula = ~pl.col("text").str.contains(_ENDED) & (is_above_closing | is_comma) & pl.col("has_more")
    is_closed = (
        pl.when(is_thanks)
        .then(~pl.col("is_after") | is_formula)
        .when(pl.col("kind_of_line") == "name")
        .then(is_signed | (pl.col("polarity") == 0))
        .otherwise(True)
    )
    run = run.with_columns(is_manners=pl.col("is_opening") | (pl.col("is_closing") & is_closed))
    run = _of_message(run, is_all=pl.col("is_manners").all())
    return (
        run.filter(~pl.col("is_manners") | pl.col("is_all"))
        .with_columns(polarity=pl.when("is_manners").then(0.0).otherwise("polarity"))
        .select(said.columns)
    )


def _of_message(run: pl.DataFrame, **of_all: pl.Expr) -> pl.DataFrame:
    """The sentences with what these say of all sentences of their message."""
    each = run.group_by("message", maintain_order=True).agg(**of_all).drop("message")
    return run.with_columns(each[run["message"]])


def _marked(said: pl.DataFrame, hits: pl.DataFrame, lexicon: str) -> pl.DataFrame:
    """The sentences with `kind_of_line`: greeting, sign_off, thanks_line, name or null."""
    place = [*_MESSAGE, "sentence"]
    lines = (
        hits.filter(
            (pl.col("lexicon") == lexicon) & pl.col("cue_kind").is_in(["greeting", "sign_off", "thanks_line"])
        )
        .sort(*place, "cue_kind")
        .group_by(place, maintain_order=True)
        .agg(pl.col("cue_kind").first())
    )
    text = pl.col("text")
    is_name = (text.str.len_chars() <= _LONGEST_NAME) & (
        text.str.contains(_NAME) | text.str.contains(_INITIALS)
    )
    return said.join(lines, on=place, how="left", maintain_order="left").with_columns(
        kind_of_line=pl.when(pl.col("cue_kind") != "greeting")
        .then("cue_kind")
        .when((pl.col("cue_kind") == "greeting") & (pl.col("polarity").abs() <= FELT))
        .then(pl.lit("greeting"))
        .when(is_name)
        .then(pl.lit("name"))
    )


def _position() -> list[pl.Expr]:
    """Whether a line may open a message, and whether it may close one."""
    line = pl.col("kind_of_line").fill_null("")
    is_called = (line == "name") & pl.col("text").str.ends_with(",")
    return [
        ((line == "greeting") | is_called).alias("opens"),
        line.is_in(["sign_off", "thanks_line", "name"]).alias("closes"),
    ]
