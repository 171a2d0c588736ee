"""Sentiment shift: how customers felt on arrival, after our answer, and in which direction they left."""

from __future__ import annotations

from typing import Final

import polars as pl

from metrics.measure import Column, Conversations, Kind, Signal
from metrics.text.answers import answers as substantive
from metrics.text.manners import without_manners
from warehouse.schema import EVIDENCE

NAME: Final = "sentiment_shift"
VERSION: Final = 3
SAME_ZONE: Final = 0.05
"""How far a shift must be from 0 to count as better or worse: as wide as measured noise.

Of 130 conversations whose mood readers saw unchanged (71 peer-support chats, 51 public support threads, 8 written
tickets), 56 % are read with a shift of no more than this.
"""

NEUTRAL: Final = 2
"""Neutral sentences that are counted in on either side of a shift, so that one loud word does not make one."""

LAST_PART: Final = (
    3  # the last third of the turns after our answer; to count the last one twice read no shift better
)

_CONVERSATION = ["source", "ticket_id"]
_TURN = ["source", "ticket_id", "turn"]


def judge(conversations: Conversations) -> pl.DataFrame:
    """The sentences that the moods are averaged over, the last answer, and the turn where it moved most.

    Lines of manners (metrics/text/manners.py) are left out, unless a message holds nothing else: it is neutral then.
    arrival: every customer sentence before the first substantive answer (all of them, where there is none).
    after_answer: every customer sentence in the last third of the customer's turns after that answer, referring to
    the answer before it; between: those of the turns before that third. last_answer: the first substantive sentence
    of the last such answer, without a value.
    turning_point: the most telling sentence of the customer turn that moved most, by more than the dead zone, against
    the one before; its value is half the move, its reference the turn before.
    """
    sentences = conversations.sentences.filter(
        (pl.col("kind") == "message") & pl.col("turn").is_not_null()
    ).select(*_TURN, "message_id", "sentence", "start", "end", "text", "polarity", "speaker")
    said = sentences.filter(pl.col("speaker") == "customer").drop("speaker")
    answers = substantive(conversations)
    first_answer = answers.filter(_is_first(_CONVERSATION)).select(*_CONVERSATION, answer_turn="turn")
    said = said.join(first_answer, on=_CONVERSATION, how="left", maintain_order="left").with_columns(
        is_after=(pl.col("turn") > pl.col("answer_turn")).fill_null(False)
    )
    said = without_manners(said, conversations.hits, NAME)
    nobody, no_value = pl.lit(None, dtype=pl.String), pl.lit(None, dtype=pl.Float64)
    arrival = said.filter(~pl.col("is_after")).with_columns(refers=nobody)
    after = _in_last_part(_with_answer(said.filter("is_after"), answers))
    last_answer = answers.reverse().filter(_is_first(_CONVERSATION))
    return pl.concat(
        [
            _evidence(arrival, "arrival"),
            _evidence(after.filter(~pl.col("is_last")), "between"),
            _evidence(after.filter("is_last"), "after_answer"),
            _evidence(last_answer.with_columns(polarity=no_value, refers=nobody), "last_answer"),
            _evidence(_turning_points(said), "turning_point"),
        ]
    ).sort("source", "ticket_id", "kind", "message_id", "start")


def _is_first(keys: list[str]) -> pl.Expr:
    """Whether a row is the first of those with its keys, which stand together."""
    number = pl.struct(keys).rle_id()
    return (number != number.shift(1)).fill_null(True)


def _in_last_part(after: pl.DataFrame) -> pl.DataFrame:
    """With `is_last`, whether a sentence is in the last third of its conversation's turns, of which there is one at least."""
    after = after.with_columns(
        talk=pl.struct(_CONVERSATION).rle_id(), number=pl.struct(_TURN).rle_id().cast(pl.Int64)
    )
    ends = after.group_by("talk", maintain_order=True).agg(
        first=pl.col("number").first(), last=pl.col("number").last()
    )
    after = after.with_columns(ends[after["talk"]].select("first", "last"))
    count = pl.col("last") - pl.col("first") + 1
    return after.with_columns(
        is_last=pl.col("last") - pl.col("number") < (count + LAST_PART - 1) // LAST_PART
    )


def _with_answer(after: pl.DataFrame, answers: pl.DataFrame) -> pl.DataFrame:
    """Each sentence with the message that answered before it."""
    before = answers.select(*_TURN, pl.col("message_id").alias("refers")).sort("turn")
    return (
        after.with_row_index("place")
        .sort("turn")
        .join_asof(before, on="turn", by=_CONVERSATION, strategy="backward", check_sortedness=False)
        .sort("place")
        .drop("place")
    )


def _turning_points(said: pl.DataFrame) -> pl.DataFrame:
    """The most telling sentence of the turn that moved most; the earlier one where two moved alike."""
    said = said.with_columns(talk=pl.struct(_CONVERSATION).rle_id(), number=pl.struct(_TURN).rle_id())
    is_same_talk = pl.col("talk") == pl.col("talk").shift(1)
    moved = (
        said.group_by("talk", "number", maintain_order=True)
        .agg(
            (pl.col("polarity").sum() / (pl.len() + NEUTRAL)).alias("mood"),
            pl.col("message_id").last().alias("last_message"),
        )
        .with_columns(
            move=pl.when(is_same_talk).then((pl.col("mood") - pl.col("mood").shift(1)) / 2),
            refers=pl.when(is_same_talk).then(pl.col("last_message").shift(1)),
        )
        .filter(pl.col("move").abs() > SAME_ZONE)
        .sort("talk", pl.col("move").abs().round(9), "number", descending=[False, True, False])
        .filter(_is_first(["talk"]))
    )
    telling = pl.col("polarity") * pl.col("move").sign()
    return (
        said.join(moved.select("number", "move", "refers"), on="number")
        .sort("number", telling.round(9), "message_id", "start", descending=[False, True, False, False])
        .filter(_is_first(["number"]))
        .with_columns(polarity=pl.col("move"))
    )


def _evidence(rows: pl.DataFrame, kind: str) -> pl.DataFrame:
    return rows.select(
        "source",
        "ticket_id",
        "message_id",
        "start",
        "end",
        pl.lit(NAME).alias("measure"),
        pl.lit(kind).alias("kind"),
        pl.col("polarity").alias("value"),
        pl.lit(None, dtype=pl.String).alias("refers_to_ticket"),
        pl.col("refers").alias("refers_to_message"),
        pl.lit(VERSION, dtype=pl.Int64).alias("version"),
    ).cast(EVIDENCE)


FACTS = f"""
WITH moods AS (
    SELECT
        source,
        ticket_id,
        round(favg(value) FILTER (kind = 'arrival'), 6) AS mood_on_arrival,
        round(favg(value) FILTER (kind = 'after_answer'), 6) AS mood_after_answer,
        fsum(value) FILTER (kind = 'arrival') / (count(*) FILTER (kind = 'arrival') + {NEUTRAL}) AS level_before,
        fsum(value) FILTER (kind = 'after_answer') / (count(*) FILTER (kind = 'after_answer') + {NEUTRAL}) AS level_after,
        max(message_id) FILTER (kind = 'last_answer') AS last_answer,
        list(refers_to_message) FILTER (kind = 'after_answer') AS answered_by
    FROM evidence
    WHERE measure = '{NAME}'
    GROUP BY source, ticket_id
), shifts AS (
    SELECT *, round((level_after - level_before) / 2, 6) AS mood_shift FROM moods
)
SELECT
    heard.source,
    heard.ticket_id,
    mood_on_arrival,
    mood_after_answer,
    mood_shift,
    mood_shift > {SAME_ZONE} AS left_better,
    abs(mood_shift) <= {SAME_ZONE} AS left_same,
    mood_shift < -{SAME_ZONE} AS left_worse,
    CASE WHEN last_answer IS NOT NULL THEN coalesce(list_contains(answered_by, last_answer), false) END
        AS is_heard_after_last_answer
FROM heard
JOIN shifts USING (source, ticket_id)
WHERE heard.is_readable
"""

sentiment_shift = Signal(
    name=NAME,
    title="Sentiment shift",
    question="Did customers leave feeling better than they came?",
    rule=(
        "Mood is the mean polarity, -1 to 1, of a customer's sentences: VADER and a linear model of words, without formulas "
        "such as please, greetings and sign-offs, and corrected for what support talk means (data/lexicons/support_mood.toml). On arrival: all that the "
        "customer wrote before the first substantive answer. After our answer: the last third of the customer's turns after it. "
        f"The shift is half of after minus arrival, {NEUTRAL} neutral sentences counted in on either side so that one loud word "
        "does not make one. An agent's turn is substantive where a sentence of four words or more "
        "is neither a receipt nor a greeting nor an automatic reply. "
        f"Shifts of {SAME_ZONE:g} or less count as the same: more than half of the conversations that readers saw unchanged are "
        "read as moving by less."
    ),
    leaves_out=(
        "Conversations in a language that can not be read. Greetings, sign-offs, names and signatures, unless a message "
        "holds nothing else; thanks that close a message, before our answer. Shift, better, same and worse need a customer's message after a "
        "substantive answer. Survey comments, notes, bots, automatic replies and forwarded text are no turns."
    ),
    columns=(
        Column(
            name="mood_shift",
            title="Mood shift",
            unit="mood",
            total="mean",
            better="higher",
            about=f"Half of the mood after our answer minus the mood on arrival, {NEUTRAL} neutral sentences counted in on either side.",
        ),
        Column(
            name="mood_on_arrival",
            evidence=("arrival",),
            title="Mood on arrival",
            unit="mood",
            total="mean",
            better="higher",
            about="Mean polarity of what the customer wrote before the first substantive answer.",
        ),
        Column(
            name="mood_after_answer",
            evidence=("after_answer",),
            title="Mood after our answer",
            unit="mood",
            total="mean",
            better="higher",
            about="Mean polarity of the last third of the customer's turns after the first substantive answer.",
        ),
        Column(
            name="left_better",
            evidence=(
                "after_answer",
                "turning_point",
                "arrival",
            ),
            title="Left better",
            unit="share",
            total="share",
            better="higher",
            about=f"The shift is above {SAME_ZONE:g}.",
            sql_type="BOOLEAN",
        ),
        Column(
            name="left_same",
            title="Left the same",
            unit="share",
            total="share",
            better="neither",
            about=f"The shift is between -{SAME_ZONE:g} and {SAME_ZONE:g}.",
            sql_type="BOOLEAN",
        ),
        Column(
            name="left_worse",
            evidence=(
                "after_answer",
                "turning_point",
                "arrival",
            ),
            title="Left worse",
            unit="share",
            total="share",
            better="lower",
            about=f"The shift is below -{SAME_ZONE:g}.",
            sql_type="BOOLEAN",
        ),
        Column(
            name="is_heard_after_last_answer",
            title="Wrote after our last answer",
            unit="share",
            total=None,
            better="neither",
            about="The customer wrote once more after the last substantive answer; null where there was no such answer.",
            sql_type="BOOLEAN",
        ),
    ),
    facts=FACTS,
    version=VERSION,
    goal="trust",
    heard_from="both",
    judge=judge,
    kinds=(
        Kind("arrival", "mood on arrival", is_quiet=True),
        Kind("between", "mood in between", is_quiet=True),
        Kind("after_answer", "mood after our answer", is_quiet=True),
        Kind("last_answer", "our answer", is_quiet=True),
        Kind("turning_point", "where the mood turned"),
    ),
    opportunity="Each conversation in which the customer wrote, in a language that can be read, after a substantive answer.",
    lexicons=(NAME,),
    nearest=("support_tickets", "shift"),
    validity_note=(
        "Labels of threads and tickets come from language models, not from people; the tickets are written, not real. "
        "Restrained writers move little in what is read, and irony and understatement are missed: left worse is read with half "
        "the precision of left better. Single texts of other kinds and chats between volunteers are labelled by people."
    ),
)
