"""What customers came for, and whether they got it: by their own first words, and by how the conversation ended."""

from __future__ import annotations

from typing import Final

import polars as pl

from metrics.measure import Column, Conversations, Kind, Signal
from metrics.text.answers import LEXICON as RECEIPTS
from metrics.text.answers import answers
from metrics.text.endings import LEXICON as ENDING
from metrics.text.endings import endings
from metrics.text.said import CONVERSATION, SENTENCE, evidence, spoken

NAME: Final = "got_it"
VERSION: Final = 4
FEWEST_WORDS: Final = 4  # of a sentence that tells something
PLEASED: Final = 0.3  # mean polarity of first words that praise
WANTS: Final = ("fix", "way_out", "information", "reassurance", "be_heard")
KIND_OF_ENDING: Final = {"confirmed": "got", "next_step": "under_way", "open": "not_got"}

FACTS: Final = """
WITH told AS (
    SELECT source, ticket_id,
        max(kind) FILTER (kind LIKE 'came_for_%') AS came_for,
        max(kind) FILTER (kind IN ('got', 'under_way', 'not_got')) AS outcome
    FROM evidence WHERE measure = 'got_it' GROUP BY source, ticket_id)
SELECT heard.source, heard.ticket_id,
    outcome = 'got' AS is_got_it,
    outcome = 'under_way' AS is_got_it_under_way,
    outcome = 'not_got' AS is_got_it_missed,
    came_for = 'came_for_fix' AS is_come_for_fix,
    came_for = 'came_for_way_out' AS is_come_for_way_out,
    came_for = 'came_for_information' AS is_come_for_information,
    came_for = 'came_for_reassurance' AS is_come_for_reassurance,
    came_for = 'came_for_be_heard' AS is_come_for_being_heard
FROM heard
JOIN told USING (source, ticket_id)
WHERE heard.is_readable
"""


def judge(conversations: Conversations) -> pl.DataFrame:
    """Evidence came_for_<want>: the sentence of the customer's first words that says what they came for, one at most.

    got, under_way or not_got: the sentence that shows how the conversation ended (confirmed, next step, open), referring
    to the message that holds the want; none where the ending is not known.
    """
    wants = _wants(conversations)
    ended = (
        endings(conversations)
        .join(
            wants.select(*CONVERSATION, pl.col("message_id").alias("asked_in")),
            on=CONVERSATION, how="left", maintain_order="left",
        )
        .with_columns(pl.col("ending").replace_strict(KIND_OF_ENDING, default=None).alias("outcome"))
        .filter(pl.col("outcome").is_not_null())
    )  # fmt: skip
    return pl.concat(
        [
            evidence(wants, NAME, VERSION, kind=pl.lit("came_for_") + pl.col("want"), value=pl.col("score")),
            evidence(ended, NAME, VERSION, kind=pl.col("outcome"), refers_to=pl.col("asked_in")),
        ]
    )


def _wants(conversations: Conversations) -> pl.DataFrame:
    """The want of each conversation with first words: the sentence that says it best, with `want` and its `score`.

    Each sentence before our first answer adds the weight of its weightiest cue of each want, a question for
    information only where it is one; the want with the greatest sum counts, and of equals the first of WANTS. First
    words without a cue are read by their form (`_by_form`, score 0). Where nothing was wanted yet, as after a
    greeting in a chat, what the customer wrote later counts.
    """
    first_answer = (
        answers(conversations).group_by(CONVERSATION).agg(pl.col("turn").min().alias("answer_turn"))
    )
    is_said = (
        pl.col("turn").is_not_null()
        & ~pl.col("is_quoted")
        & ~(pl.col("is_negated") & (pl.col("cue_kind") == "fix"))
        & ((pl.col("cue_kind") != "information") | pl.col("is_question") | pl.col("is_conditional"))
    )
    hits = conversations.hits.filter(
        (pl.col("lexicon") == NAME) & (pl.col("speaker") == "customer") & is_said
    ).join(first_answer, on=CONVERSATION, how="left", maintain_order="left")
    hits = hits.with_columns(pl.col("cue_kind").replace("asks_indirectly", "information"))
    is_late = (pl.col("turn") > pl.col("answer_turn")).fill_null(False)
    said = (
        hits.with_columns(is_late.alias("is_late"))
        .group_by(
            *SENTENCE, "turn", "is_late", "sentence_start", "sentence_end", "cue_kind", maintain_order=True
        )
        .agg(pl.col("weight").max())
        .with_columns(
            pl.col("weight").sum().over(*CONVERSATION, "is_late", "cue_kind").round(6).alias("score"),
            pl.col("cue_kind").replace_strict(WANTS, range(len(WANTS)), return_dtype=pl.Int64).alias("order"),
        )
    )
    formed = _by_form(conversations, first_answer, said.filter(~pl.col("is_late")))
    said = pl.concat([said, formed.select(said.columns)])
    return (
        said.sort(*CONVERSATION, "is_late", "score", "order", "weight", "turn", "sentence_start",
                  descending=[False, False, False, True, False, True, False, False])
        .unique(CONVERSATION, keep="first", maintain_order=True)
        .rename({"sentence_start": "start", "sentence_end": "end", "cue_kind": "want"})
    )  # fmt: skip


def _by_form(conversations: Conversations, first_answer: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """What first words without a cue come for, by their form, with the sentence that shows it.

    A question comes for information, pleased words to be heard, and anything else tells of what is to be put right. Words
    before our first answer count, in sentences of FEWEST_WORDS or more; greetings are none.
    """
    said = (
        spoken(conversations, "customer")
        .join(first_answer, on=CONVERSATION, how="left", maintain_order="left")
        .filter((pl.col("turn") < pl.col("answer_turn")).fill_null(True))
        .join(told, on=CONVERSATION, how="anti", maintain_order="left")
    )
    words = said.select(pl.col("text").unique()).filter(
        pl.col("text").str.count_matches(r"[\p{L}\d][\p{L}\p{M}\d'’.-]*") >= FEWEST_WORDS
    )
    said = said.join(words, on="text", how="semi", maintain_order="left")
    mood = pl.col("polarity").fill_null(0.0)
    want = (
        pl.when(pl.col("is_question").any().over(CONVERSATION))
        .then(pl.lit("information"))
        .when(mood.mean().over(CONVERSATION) >= PLEASED)
        .then(pl.lit("be_heard"))
        .otherwise(pl.lit("fix"))
    )
    telling = (
        pl.when(pl.col("cue_kind") == "information")
        .then(pl.col("is_question").cast(pl.Float64))
        .when(pl.col("cue_kind") == "be_heard")
        .then(mood)
        .otherwise(0.0)
    )
    return (
        said.with_columns(want.alias("cue_kind"))
        .with_columns(telling.alias("telling"))
        .sort(*CONVERSATION, "telling", "turn", "start", descending=[False, False, True, False, False])
        .unique(CONVERSATION, keep="first", maintain_order=True)
        .with_columns(
            sentence_start=pl.col("start"), sentence_end=pl.col("end"),
            is_late=pl.lit(False), weight=pl.lit(0.0), score=pl.lit(0.0), order=pl.lit(0, dtype=pl.Int64),
        )
    )  # fmt: skip


def _share(name: str, title: str, about: str, better: str, *kinds: str) -> Column:
    return Column(
        name=name,
        title=title,
        unit="share",
        total="share",
        better=better,  # type: ignore[arg-type]
        about=about,
        sql_type="BOOLEAN",
        evidence=kinds,
    )


got_it = Signal(
    name=NAME,
    title="Got what they came for",
    question="What did customers come for, and did they get it?",
    rule=(
        "What they came for is read from what the customer wrote before our first answer: a fix, a way out (cancel, return, "
        "refund, leave), information, reassurance, or to be heard; each sentence counts for what its cues say, and the "
        "greatest sum decides. Words without a cue are read by their form: a question comes for information, pleased words "
        "to be heard, and whatever else is told for a fix. They got it where they confirmed it in the end, are on the way to it where a next "
        "step stands, and did not get it where it was left open; where the ending is not known, so is this."
    ),
    leaves_out=(
        "Conversations in a language that can not be read, and from each figure those where it is not "
        "known: what was wanted where the first words are a bare greeting, whether they got it where the ending is not known."
    ),
    columns=(
        _share("is_got_it", "Got what they came for",
               "Confirmed by the customer; null where the ending is not known.", "higher", "got"),
        _share("is_got_it_under_way", "On its way to it",
               "Not confirmed, and a next step stands; null where the ending is not known.", "neither", "under_way"),
        _share("is_got_it_missed", "Did not get what they came for",
               "Left open; null where the ending is not known.", "lower", "not_got"),
        _share("is_come_for_fix", "Came for a fix", "Something is to be put right.", "neither", "came_for_fix"),
        _share("is_come_for_way_out", "Came for a way out",
               "To cancel, close, return, be refunded or leave.", "neither", "came_for_way_out"),
        _share("is_come_for_information", "Came for information",
               "To know how, what, whether or when.", "neither", "came_for_information"),
        _share("is_come_for_reassurance", "Came for reassurance",
               "To be told that it will be all right.", "neither", "came_for_reassurance"),
        _share("is_come_for_being_heard", "Came to be heard",
               "To have said it, with nothing else asked.", "neither", "came_for_be_heard"),
    ),
    facts=FACTS,
    version=VERSION,
    goal="solved",
    heard_from="both",
    judge=judge,
    kinds=(
        Kind("got", "got what they came for"),
        Kind("under_way", "on its way to what they came for"),
        Kind("not_got", "did not get what they came for"),
        Kind("came_for_fix", "came for a fix", is_quiet=True),
        Kind("came_for_way_out", "came for a way out"),
        Kind("came_for_information", "came for information", is_quiet=True),
        Kind("came_for_reassurance", "came for reassurance"),
        Kind("came_for_be_heard", "came to be heard"),
    ),
    opportunity="Each conversation that can be read in which the customer says what they want, or whose ending is known.",
    lexicons=(NAME, ENDING, RECEIPTS),
    nearest=("support_tickets", "got_it"),
    validity_note=(
        "Labelled by language models, not by people, on few written tickets. A fix is what is assumed where nothing else is "
        "said, so wishes to leave and worries that are told as a story are read as one, as are complaints that only want to "
        "be heard; questions that hide a request are read as asking for information."
    ),
)  # fmt: skip
