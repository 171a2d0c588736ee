"""What was said, for signals: sentences with the cues found in them, and evidence made from sentences.

said = cued(conversations, "promise", "agent")     # one row a sentence that holds a cue, `kinds` what it holds
evidence(said.filter(has("made")), NAME, VERSION, kind="made")
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, Literal

import polars as pl

from metrics.measure import Conversations
from metrics.text.once import once
from warehouse.schema import EVIDENCE

CONVERSATION: Final = ("source", "ticket_id")
TURN: Final = (*CONVERSATION, "turn")
MESSAGE: Final = (*CONVERSATION, "message_id")
SENTENCE: Final = (*MESSAGE, "sentence")

Speaker = Literal["customer", "agent"]

_NO_HITS: Final = pl.DataFrame(
    schema={"cue_kind": pl.String, "weight": pl.Float64, "is_negated": pl.Boolean, "place": pl.UInt32}
)

# A clause that opens with what its writer wants or means to do; "they said I will get it" does not.
_OWN_WISH: Final = (
    r"(?i)(?:^\W*|[,;:.\u2013\u2014-]\s*|\b(?:but|so|and|hence|therefore)\s+)(?:(?:please|now|still|then)\s+)?(?:(?:i|we)(?:['\u2019]?(?:d|ll|m|re)\b|\s+"
    r"(?:want|need|would|will|am|are|wish|demand|expect|insist|prefer|shall|no\s+longer|have\s+to|must|don['\u2019]?t|do\s+not|"
    r"won['\u2019]?t))|(?:please\s+)?(?:cancel|refund|close|end)\b)"
)


def spoken(conversations: Conversations, speaker: Speaker, *, with_surveys: bool = False) -> pl.DataFrame:
    """A speaker's sentences in the order in which they were said; survey comments only where they are asked for."""
    return _spoken(conversations, speaker, with_surveys)


@once
def _spoken(conversations: Conversations, speaker: Speaker, with_surveys: bool) -> pl.DataFrame:
    is_own = pl.col("speaker") == speaker
    if not with_surveys:
        is_own &= pl.col("turn").is_not_null()
    return conversations.sentences.filter(is_own)


@once
def hits_of(conversations: Conversations, lexicon: str) -> pl.DataFrame:
    """The hits of one lexicon's cues, in order."""
    return conversations.hits.filter(pl.col("lexicon") == lexicon)


@once
def _placed(conversations: Conversations) -> dict[tuple[object, ...], pl.DataFrame]:
    """By lexicon and speaker the hits, each with the place of its sentence among all: place, cue_kind, weight, is_negated."""
    places = conversations.sentences.select(SENTENCE).with_row_index("place")
    hits = conversations.hits.select(*SENTENCE, "lexicon", "speaker", "cue_kind", "weight", "is_negated")
    placed = hits.join(places, on=SENTENCE, how="inner", maintain_order="left").drop(SENTENCE)
    return placed.partition_by("lexicon", "speaker", as_dict=True, include_key=False, maintain_order=True)


def cued(
    conversations: Conversations,
    lexicon: str,
    speaker: Speaker,
    *,
    deniable: Collection[str] = (),
    with_surveys: bool = False,
) -> pl.DataFrame:
    """The speaker's sentences that hold a cue of the lexicon, in order, with two columns more.

    kinds: the kinds of cue found, each once; a kind named in `deniable` only where it is not negated.
    weight: the sum over these kinds of each one's weightiest cue.
    """
    hits = _placed(conversations).get((lexicon, speaker), _NO_HITS)
    if deniable:
        hits = hits.filter(~(pl.col("cue_kind").is_in(list(deniable)) & pl.col("is_negated")))
    if hits.is_empty():
        return conversations.sentences.clear().with_columns(
            pl.lit(None, dtype=pl.List(pl.String)).alias("kinds"),
            pl.lit(None, dtype=pl.Float64).alias("weight"),
        )
    found = (
        hits.group_by("place", "cue_kind", maintain_order=True)
        .agg(pl.col("weight").max())
        .group_by("place", maintain_order=True)
        .agg(pl.col("cue_kind").alias("kinds"), pl.col("weight").sum().round(6))
        .sort("place")
    )
    said = conversations.sentences[found["place"]].with_columns(found["kinds"], found["weight"])
    return said if with_surveys else said.filter(pl.col("turn").is_not_null())


def has(*kinds: str) -> pl.Expr:
    """Whether a sentence of `cued` holds a cue of any of these kinds."""
    return pl.any_horizontal([pl.col("kinds").list.contains(kind) for kind in kinds])


def is_cited() -> pl.Expr:
    """Whether a sentence stands in quotation marks: what somebody told the customer is not cited, what they wrote is."""
    return pl.col("is_quoted") & pl.col("text").str.contains('["\u201c\u201d\u00ab\u00bb\u201e>]')


def is_anothers() -> pl.Expr:
    """Whether a sentence gives the words of others alone: it cites them, or reports them and adds no wish or plan of its own.

    "It says thirty days, but I want my money back" is the customer's own.
    """
    return is_cited() | (pl.col("is_quoted") & ~pl.col("text").str.contains(_OWN_WISH))


def evidence(
    rows: pl.DataFrame,
    name: str,
    version: int,
    *,
    kind: str | pl.Expr,
    value: float | pl.Expr | None = None,
    refers_to: pl.Expr | None = None,
) -> pl.DataFrame:
    """Evidence rows of these sentences (or other spans: source, ticket_id, message_id, start, end).

    `refers_to` is the message of the same conversation that the span speaks to; null where there is none.
    """
    if rows.is_empty():
        return none()
    message = pl.lit(None, dtype=pl.String) if refers_to is None else refers_to
    return rows.select(
        *MESSAGE,
        "start",
        "end",
        pl.lit(name).alias("measure"),
        (pl.lit(kind) if isinstance(kind, str) else kind).alias("kind"),
        (value if isinstance(value, pl.Expr) else pl.lit(value, dtype=pl.Float64)).alias("value"),
        pl.when(message.is_not_null()).then(pl.col("ticket_id")).alias("refers_to_ticket"),
        message.alias("refers_to_message"),
        pl.lit(version, dtype=pl.Int64).alias("version"),
    ).cast(EVIDENCE)


def none() -> pl.DataFrame:
    """No evidence."""
    return pl.DataFrame(schema=EVIDENCE)
