"""Outcome questions: what will become of my matter, and whether the answer says so or speaks of the procedure."""

from __future__ import annotations

from typing import Final

import polars as pl

from metrics.measure import Column, Conversations, Kind, Signal
from metrics.text.said import CONVERSATION, SENTENCE, cued, evidence, has, spoken

NAME: Final = "outcome_question"
VERSION: Final = 4
QUESTION: Final = (*CONVERSATION, "asked_turn")

FACTS: Final = """
WITH questions AS (
    SELECT DISTINCT source, ticket_id, message_id FROM evidence
    WHERE measure = 'outcome_question' AND kind = 'question'),
answers AS (
    SELECT source, ticket_id, refers_to_message AS message_id,
        bool_or(kind = 'outcome') AS is_outcome, bool_or(kind = 'process') AS is_process
    FROM evidence WHERE measure = 'outcome_question' AND kind IN ('outcome', 'process')
    GROUP BY source, ticket_id, refers_to_message),
shares AS (
    SELECT source, ticket_id,
        avg(coalesce(is_outcome, false)::INT) AS outcome_share,
        avg((coalesce(is_process, false) AND NOT is_outcome)::INT) AS process_share,
        avg((is_outcome IS NULL)::INT) AS unanswered_share
    FROM questions LEFT JOIN answers USING (source, ticket_id, message_id)
    GROUP BY source, ticket_id)
SELECT heard.source, heard.ticket_id,
    shares.source IS NOT NULL AS has_outcome_question,
    outcome_share AS answered_with_outcome_share,
    process_share AS answered_with_process_share,
    unanswered_share AS outcome_unanswered_share
FROM heard
LEFT JOIN shares USING (source, ticket_id)
WHERE heard.is_readable
"""


def judge(conversations: Conversations) -> pl.DataFrame:
    """Evidence question: the first sentence of a customer's message that asks what will become of their matter.

    outcome: the first of our sentences that gives it; process, where none does: the first that speaks of procedure, asks
    back or tells a step; both refer to the message that asked and stand in our replies up to the customer's next such
    question. unanswered: the question again, where neither follows.
    """
    asked = questions(conversations)
    given = answers(conversations, asked)
    told = given.select(*CONVERSATION, pl.col("asked_in").alias("message_id"))
    unanswered = asked.join(told, on=[*CONVERSATION, "message_id"], how="anti", maintain_order="left")
    return pl.concat(
        [
            evidence(asked, NAME, VERSION, kind="question"),
            evidence(given, NAME, VERSION, kind=pl.col("answer"), refers_to=pl.col("asked_in")),
            evidence(unanswered, NAME, VERSION, kind="unanswered"),
        ]
    )


def questions(conversations: Conversations) -> pl.DataFrame:
    """The first outcome question of each customer message that holds one."""
    is_asked = (has("question") & (pl.col("is_question") | has("unmarked"))) | has("wants_to_know")
    return (
        cued(conversations, NAME, "customer", deniable=("wants_to_know",))
        .filter(is_asked & ~has("beside") & ~pl.col("is_quoted"))
        .unique([*CONVERSATION, "message_id"], keep="first", maintain_order=True)
    )


def answers(conversations: Conversations, asked: pl.DataFrame) -> pl.DataFrame:
    """The sentence of ours that answers each question best, with `answer` (outcome or process) and the message `asked_in`.

    `asked` has a row a message that asks: source, ticket_id, message_id, turn. What nothing answers has no row.
    """
    replies = spoken(conversations, "agent").join(asked, on=CONVERSATION, how="semi", maintain_order="left")
    cues = cued(conversations, NAME, "agent").select(*SENTENCE, "kinds")
    replies = replies.join(cues, on=SENTENCE, how="left", maintain_order="left").with_columns(
        pl.col("kinds").fill_null([])
    )
    replies = replies.with_columns(_answer().alias("answer"))
    turns = replies.select(*CONVERSATION, "turn").unique()
    first = (
        asked.select(*CONVERSATION, "turn")
        .rename({"turn": "asked_turn"})
        .join(turns, on=CONVERSATION)
        .filter(pl.col("turn") > pl.col("asked_turn"))
        .group_by(QUESTION)
        .agg(pl.col("turn").min().alias("first_reply"))
    )
    until = (
        first.join(asked.select(*CONVERSATION, "turn"), on=CONVERSATION)
        .filter(pl.col("turn") > pl.col("first_reply"))
        .group_by(QUESTION)
        .agg(pl.col("turn").min().alias("next_question"))
    )
    bounds = asked.select(
        *CONVERSATION, pl.col("turn").alias("asked_turn"), pl.col("message_id").alias("asked_in")
    ).join(until, on=QUESTION, how="left", maintain_order="left")
    return (
        replies.filter(pl.col("answer").is_not_null())
        .join(bounds, on=CONVERSATION)
        .filter(
            (pl.col("turn") > pl.col("asked_turn"))
            & (pl.col("next_question").is_null() | (pl.col("turn") < pl.col("next_question")))
        )
        .sort(*QUESTION, "answer", "turn", "sentence")  # "outcome" stands before "process"
        .unique(QUESTION, keep="first", maintain_order=True)
    )


def _answer() -> pl.Expr:
    """What a sentence of ours gives to a question: outcome, process or nothing."""
    gives_time = has("time") & ~has("courtesy") & ~pl.col("is_conditional")
    is_told = has("firm") | ((has("decision") | gives_time) & ~has("step"))
    is_outcome = is_told & ~has("procedure") & ~pl.col("is_question")
    return (
        pl.when(is_outcome)
        .then(pl.lit("outcome"))
        .when(has("procedure", "step", "time", "firm", "decision") | pl.col("is_question"))
        .then(pl.lit("process"))
    )


def _answer_share(name: str, title: str, about: str, better: str, *kinds: str) -> Column:
    return Column(
        name=name,
        title=title,
        unit="share",
        total="mean",
        better=better,  # type: ignore[arg-type]
        about=about,
        evidence=kinds,
    )


outcome_question = Signal(
    name=NAME,
    title="Outcome questions",
    question="When customers ask what will become of their matter, do we say so, or do we speak of the procedure?",
    rule=(
        "A customer's message asks for an outcome where it asks when, whether or what will happen in their own matter, or whether we "
        "will do it (when will it, will I, can you refund, what happens with my, what are my chances). It is answered with an "
        "outcome where one of our replies, up to their next such question, gives a time, a range, a decision, a yes or no, odds or a fact "
        "that settles it; with process where they only tell steps, ask back, pass it on, or say how long such "
        "things take in general and when somebody will write; else it is unanswered. Shares are of a conversation's questions, averaged over conversations."
    ),
    leaves_out=(
        "Conversations in a language that can not be read; for the answers, those without such a question. Questions why, "
        "exclamations in the form of a question, and quoted words are none."
    ),
    columns=(
        _answer_share("answered_with_outcome_share", "Outcome questions answered with an outcome",
                      "Share of a conversation's outcome questions whose answer gives the customer's outcome; null without one.",
                      "higher", "outcome"),
        _answer_share("answered_with_process_share", "Outcome questions answered with process",
                      "Share of a conversation's outcome questions answered with steps and procedure only; null without one.",
                      "lower", "process"),
        _answer_share("outcome_unanswered_share", "Outcome questions not answered",
                      "Share of a conversation's outcome questions that no reply speaks to; null without one.",
                      "lower", "unanswered"),
        Column(
            name="has_outcome_question",
            title="Asked for an outcome",
            unit="share",
            total="share",
            better="neither",
            about="Share of conversations in which the customer asks what will become of their matter.",
            sql_type="BOOLEAN",
            evidence=("question",),
        ),
    ),
    facts=FACTS,
    version=VERSION,
    goal="solved",
    heard_from="both",
    judge=judge,
    kinds=(
        Kind("question", "asked for an outcome"),
        Kind("outcome", "answered with an outcome"),
        Kind("process", "answered with process"),
        Kind("unanswered", "outcome question not answered"),
    ),
    opportunity="Each conversation that can be read; for the answers, each message that asks for an outcome.",
    lexicons=(NAME,),
    nearest=("support_tickets", "outcome_question"),
    validity_note=(
        "Labelled by language models, not by people. Whether a sentence settles the customer's own matter or tells the usual "
        "course is often a close call: a time that stands beside other things is taken for the outcome, and an answer that tells "
        "neither a time nor a decision in known words for none."
    ),
)  # fmt: skip
