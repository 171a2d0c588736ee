"""How conversations ended, in the words that show it: confirmed, next step, open, or not known.

Read from four parts of a conversation after our first answer: what the customer wrote before (earlier), our words before
their last (asked), the customer's last words (last), and ours after them (after). Cues lie in data/lexicons/ending.toml.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from metrics.measure import Conversations
from metrics.text.answers import answers
from metrics.text.once import once
from metrics.text.said import CONVERSATION, SENTENCE, hits_of

LEXICON: Final = "ending"
PLEASED: Final = 0.35  # mean polarity of last words that are pleased without a cue of it
CONTENT: Final = 0.1  # mean polarity of such words after an answer that asked nothing
CROSS: Final = -0.25  # and of such as are not
# Words of denial, contrast and waiting, without which a report after our own "it is done" says that it is.
DOUBTS: Final = (
    r"(?i)\b(?:not|no|nor|never|none|nothing|nobody|cannot|\w+n['\u2019]?t|but|yet|though|however|although|wrong|only|still|until|till|without|again|"
    r"except|instead|same|if|when|should|hope|will|['\u2019]ll|later|please|pls|wait|noted|another|less|missing)\b"
)
STEPS: Final = ("next_step", "elsewhere")
_DENIABLE: Final = ("fixed", "satisfied")
_KINDS: Final = (
    "fixed", "nothing_more", "satisfied", "thanks", "thanks_formula", "agrees", "still", "upset", "next_step",
    "elsewhere", "open_door", "regrets", "wrap_up", "done", "anything_else",
)  # fmt: skip


@once
def endings(conversations: Conversations) -> pl.DataFrame:
    """One row a conversation in which an agent answered something: its ending and the sentence that shows it.

    source, ticket_id, ending (confirmed | next_step | open | unknown), message_id, start, end (of that sentence; of our
    last answer where the ending is unknown), answer_message_id, answer_start, answer_end (our last answer).
    """
    answered = answers(conversations)
    last_answer = answered.group_by(CONVERSATION, maintain_order=True).agg(
        pl.col("turn").first().alias("first_answer"),
        pl.col("message_id", "start", "end").last().name.prefix("answer_"),
    )
    said = _parts(conversations, last_answer)
    ended = last_answer.join(_decided(said), on=CONVERSATION, how="left", maintain_order="left").with_columns(
        pl.col("ending").fill_null("unknown")
    )
    shown = (
        said.join(ended.select(*CONVERSATION, "ending"), on=CONVERSATION, maintain_order="left")
        .with_columns(_telling().alias("telling"))
        .filter(pl.col("telling") > 0)
        .sort(*CONVERSATION, "telling", "turn", "start", descending=[False, False, True, True, False])
        .unique(CONVERSATION, keep="first", maintain_order=True)
        .select(*CONVERSATION, "message_id", "start", "end")
    )
    return (
        ended.join(shown, on=CONVERSATION, how="left", maintain_order="left")
        .with_columns(
            pl.when(pl.col("message_id").is_null())
            .then(pl.lit("unknown"))
            .otherwise("ending")
            .alias("ending"),
            *(
                pl.coalesce(name, f"answer_{name}").alias(name)
                for name in ("message_id", "start", "end")
            ),
        )
        .select(
            *CONVERSATION, "ending", "message_id", "start", "end",
            "answer_message_id", "answer_start", "answer_end",
        )
    )  # fmt: skip


def _parts(conversations: Conversations, answered: pl.DataFrame) -> pl.DataFrame:
    """The sentences of the four parts, each with `part` and what cues it holds, one flag a kind."""
    said = conversations.sentences.filter(pl.col("turn").is_not_null()).join(
        answered.select(*CONVERSATION, "first_answer"),
        on=CONVERSATION, how="inner", maintain_order="left",
    )  # fmt: skip
    is_customer, turn = pl.col("speaker") == "customer", pl.col("turn")
    # Each bound needs the one before it: their last turn, ours before that, theirs before ours.
    for name, is_own, limit in (
        ("last_customer", is_customer & (turn > pl.col("first_answer")), None),
        ("asked_turn", ~is_customer, "last_customer"),
        ("customer_before", is_customer, "asked_turn"),
    ):
        is_counted = is_own if limit is None else is_own & (turn < pl.col(limit))
        bound = said.filter(is_counted).group_by(CONVERSATION).agg(turn.max().alias(name))
        said = said.join(bound, on=CONVERSATION, how="left", maintain_order="left")
    silent = pl.col("last_customer").is_null()
    part = (
        pl.when(is_customer & (turn > pl.col("asked_turn")))
        .then(pl.lit("last"))
        .when(is_customer & (turn > pl.col("first_answer")))
        .then(pl.lit("earlier"))
        .when(
            ~is_customer & (turn >= pl.col("first_answer")) & (silent | (turn > pl.col("last_customer")))
        )
        .then(pl.lit("after"))
        .when(~is_customer & (turn <= pl.col("asked_turn")) & (turn > pl.col("customer_before")))
        .then(pl.lit("asked"))
    )  # fmt: skip
    said = said.with_columns(part.alias("part")).filter(pl.col("part").is_not_null())
    return (
        said.join(_flags(conversations), on=SENTENCE, how="left", maintain_order="left")
        .with_columns(pl.col(_KINDS).fill_null(False))
        .with_columns(is_step=pl.any_horizontal(STEPS) & ~pl.col("open_door"))
    )


def _flags(conversations: Conversations) -> pl.DataFrame:
    """One row a sentence that holds a cue, with one flag a kind; what is denied, asked or supposed is not said."""
    kind = pl.col("cue_kind")
    is_unsaid = pl.col("is_negated") | pl.col("is_question") | pl.col("is_conditional") | pl.col("is_quoted")
    hits = hits_of(conversations, LEXICON).filter(
        ~(kind.is_in(_DENIABLE) & is_unsaid) & ~((kind == "upset") & pl.col("is_negated"))
    )
    return hits.group_by(SENTENCE).agg((kind == name).any().alias(name) for name in _KINDS)


def _decided(said: pl.DataFrame) -> pl.DataFrame:
    """The ending of each conversation, by what its parts hold."""

    def holds(part: str, *kinds: str) -> pl.Expr:
        return ((pl.col("part") == part) & pl.any_horizontal(kinds)).any()

    def place(kinds: pl.Expr) -> pl.Expr:
        """Where in the customer's last words such a sentence stands last; -1 where none does."""
        order = pl.col("turn") * 100_000 + pl.col("sentence")
        return order.filter((pl.col("part") == "last") & kinds).max().fill_null(-1)

    is_thanks = pl.col("thanks") & ~pl.col("thanks_formula")
    told = said.group_by(CONVERSATION, maintain_order=True).agg(
        has_last=(pl.col("part") == "last").any(),
        fixed=place(pl.col("fixed")),
        pleased=place(pl.col("satisfied") & (pl.col("polarity") > CROSS)),
        thanked=place(is_thanks),
        still=place(pl.col("still")),
        upset=place(pl.col("upset") | (pl.col("thanks_formula") & (pl.col("polarity") < 0))),
        asks=place(pl.col("is_question")),
        doubts=((pl.col("part") == "last") & pl.col("text").str.contains(DOUBTS)).any(),
        agrees=holds("last", "agrees"),
        no_more=holds("last", "nothing_more"),
        mood=pl.col("polarity").filter(pl.col("part") == "last").mean().fill_null(0.0),
        fixed_earlier=holds("earlier", "fixed"),
        asked_step=holds("asked", "is_step"),
        asked_elsewhere=holds("asked", "elsewhere"),
        asked_question=((pl.col("part") == "asked") & _asks_on()).any(),
        asked_done=holds("asked", "done"),
        asked_more=holds("asked", "anything_else"),
        wraps_up=holds("after", "wrap_up"),
        regrets=holds("after", "regrets"),
        step=((pl.col("part") == "after") & (pl.any_horizontal("is_step", "done") | _asks_on())).any(),
    )
    return told.select(*CONVERSATION, _ending().alias("ending"))


def _asks_on() -> pl.Expr:
    """Whether a sentence asks something about the matter, and not whether there is anything else."""
    return pl.col("is_question") & ~pl.any_horizontal("anything_else", "open_door")


def _ending() -> pl.Expr:
    fixed, pleased, thanked = pl.col("fixed") >= 0, pl.col("pleased") >= 0, pl.col("thanked") >= 0
    trouble = pl.max_horizontal("still", "upset")
    is_open = (
        pl.when(fixed)
        .then(pl.col("still") >= pl.col("fixed"))
        .when(pleased)
        .then(trouble >= pl.col("pleased"))
        .otherwise(trouble >= 0)
    )
    is_asking = pl.col("asks") > pl.max_horizontal("fixed", "pleased")
    is_calm = ~is_asking & ~pl.col("agrees")
    is_closed = pl.col("no_more") & (pl.col("asked_more") | pl.col("asked_done"))
    is_thankful = thanked & ~pl.col("regrets") & ~(pl.col("asked_elsewhere") & ~pl.col("wraps_up"))
    is_answered = ~pl.col("asked_elsewhere") & ~pl.col("asked_question") & (pl.col("mood") >= CONTENT)
    # After "it is done" a plain report without any doubt says that it is.
    is_reported = (
        pl.col("asked_done") & ~pl.col("asked_question") & ~pl.col("doubts") & (pl.col("mood") > CROSS)
    )
    confirmed = (
        fixed
        | (is_calm & is_reported & ~pl.col("regrets") & ~pl.col("step"))
        | is_closed
        | (pleased & ~is_asking)
        | (is_calm & is_thankful)
        | (is_calm & (is_answered | (pl.col("mood") >= PLEASED)) & ~pl.col("step") & ~pl.col("regrets"))
        | (pl.col("wraps_up") & is_calm & (pl.col("mood") > CROSS) & ~pl.col("step"))
        | (pl.col("fixed_earlier") & ~is_asking & (pl.col("mood") > CROSS))
    )
    return (
        pl.when(~pl.col("has_last"))
        .then(pl.when("step").then(pl.lit("next_step")))
        .when(confirmed & ~is_open & ~(is_asking & ~fixed))
        .then(pl.lit("confirmed"))
        .when("step")
        .then(pl.lit("next_step"))
        .when(is_open)
        .then(pl.lit("open"))
        .when("agrees")
        .then(pl.lit("next_step"))
        .when(is_asking | (pl.col("mood") < CROSS))
        .then(pl.lit("open"))
        .when(pl.col("asked_step") | pl.col("asked_question"))
        .then(pl.lit("next_step"))
        .otherwise(pl.lit("open"))
    )


def _telling() -> pl.Expr:
    """How well a sentence shows the ending of its conversation; 0 where it does not."""
    is_last, ending, mood = pl.col("part") == "last", pl.col("ending"), pl.col("polarity").fill_null(0.0)
    said = pl.col("part").is_in(["last", "earlier"])
    confirmed = (
        pl.when(said & pl.col("fixed")).then(50)
        .when(is_last & pl.col("satisfied")).then(40)
        .when(is_last & pl.col("thanks")).then(30)
        .when(is_last).then(20 + mood)
    )  # fmt: skip
    step = (
        pl.when((pl.col("part") == "after") & pl.any_horizontal("is_step", "done")).then(50)
        .when((pl.col("part") == "after") & pl.col("is_question")).then(40)
        .when(is_last & pl.col("agrees")).then(30)
        .when((pl.col("part") == "asked") & pl.any_horizontal("is_step", "done")).then(20)
        .when((pl.col("part") == "asked") & pl.col("is_question")).then(10)
    )  # fmt: skip
    trouble = (
        pl.when(is_last & pl.col("still")).then(50)
        .when(is_last & pl.col("upset")).then(40)
        .when(is_last & pl.col("is_question")).then(30)
        .when(is_last).then(20 - mood)
    )  # fmt: skip
    return (
        pl.when(ending == "confirmed").then(confirmed)
        .when(ending == "next_step").then(step)
        .when(ending == "open").then(trouble)
        .fill_null(0.0)
    )  # fmt: skip
