"""Mirroring: the agent gives back the point, names the feeling or the worst they may think of us; and "yes, exactly"."""

from __future__ import annotations

from typing import Final

import polars as pl

from metrics.measure import Column, Conversations, Kind, Signal
from metrics.text.said import CONVERSATION, MESSAGE, SENTENCE, cued, evidence, has, hits_of, spoken
from metrics.text.shared_words import with_words, words

NAME: Final = "mirroring"
VERSION: Final = 3
THRESHOLD: Final = 0.5  # of each kind of cue: data/lexicons/mirroring.toml
KINDS: Final = (
    "gives_back", "so_opening", "and_opening", "names", "you", "goes_on", "self_audit",
    "advice", "asks", "own", "handling", "courtesy",
)  # fmt: skip

# What repeats the customer's words speaks for itself, the more of them and the less else there is.
EACH_SHARED_WORD: Final = 0.15
MOST_SHARED_WORDS: Final = 3
MOSTLY_SHARED: Final = 0.3
# A reply gives back at its opening; what stands further down informs or advises.
OPENING_SENTENCES: Final = 3
LATER: Final = -0.2
QUESTION: Final = -0.1
SHORT: Final = -0.3
SHORT_WORDS: Final = 2

FACTS: Final = """
SELECT heard.source, heard.ticket_id,
       count(*) FILTER (found.kind = 'mirroring') > 0 AS is_point_given_back,
       count(*) FILTER (found.kind = 'labeling') > 0 AS is_feeling_named,
       count(*) FILTER (found.kind = 'self_audit') > 0 AS is_worst_named,
       count(*) FILTER (found.kind = 'confirmed') > 0 AS is_confirmed_understood
FROM heard
LEFT JOIN evidence AS found
  ON found.source = heard.source AND found.ticket_id = heard.ticket_id AND found.measure = 'mirroring'
WHERE heard.is_readable AND heard.count_customer_turns > 0 AND heard.count_agent_turns > 0
GROUP BY ALL
"""


def judge(conversations: Conversations) -> pl.DataFrame:
    """Evidence mirroring, labeling and self_audit (agents' sentences, value the score), confirmed (customers').

    The first three refer to the customer's message before them, confirmed to the agent's.
    """
    given = scores(conversations).filter(
        (pl.col("score") >= THRESHOLD) & ~pl.col("is_quoted") & pl.col("answers").is_not_null()
    )
    kind = (
        pl.when(pl.col("self_audit") > 0)
        .then(pl.lit("self_audit"))
        .when(pl.col("names") > 0)
        .then(pl.lit("labeling"))
        .otherwise(pl.lit("mirroring"))
    )
    rows = evidence(given, NAME, VERSION, kind=kind, value=pl.col("score"), refers_to=pl.col("answers"))
    return pl.concat([rows, _confirmed(conversations)])


def scores(conversations: Conversations) -> pl.DataFrame:
    """The agents' sentences with `score`, how much each gives back, and `answers`, the message that it speaks to.

    The score is the sum of the weight of each kind of cue, of the words shared with what the customer said just
    before, and of the place in the reply.
    """
    before = _before(conversations, "customer", "agent")
    turn = [*CONVERSATION, "turn"]
    said = (
        with_words(spoken(conversations, "agent"), "own_words")
        .join(_weights(conversations), on=SENTENCE, how="left", maintain_order="left")
        .join(before, on=turn, how="left", maintain_order="left")
        .with_columns(
            pl.col(KINDS).fill_null(0.0),
            count_words=pl.col("text").str.count_matches(r"\w+"),
        )
    )
    is_short = pl.col("count_words") <= SHORT_WORDS
    shared = pl.col("own_words").list.set_intersection("said_before").list.len().fill_null(0)
    is_mostly = (shared > 0) & (shared * 2 >= pl.col("own_words").list.len())
    # Of two words, and of a greeting, it is the customer's name that is repeated.
    is_echo = ~is_short & (pl.col("courtesy") == 0)
    place = (~is_short).cast(pl.Int32).cum_sum().over(MESSAGE)
    parts = [
        *(pl.col(kind) for kind in KINDS),
        pl.when(is_echo).then(pl.min_horizontal(shared, MOST_SHARED_WORDS) * EACH_SHARED_WORD).otherwise(0.0),
        pl.when(is_echo & is_mostly).then(MOSTLY_SHARED).otherwise(0.0),
        pl.when(pl.col("is_question")).then(QUESTION).otherwise(0.0),
        pl.when(is_short).then(SHORT).otherwise(0.0),
        pl.when(place > OPENING_SENTENCES).then(LATER).otherwise(0.0),
    ]
    return said.with_columns(score=pl.sum_horizontal(parts).round(6))


def _weights(conversations: Conversations) -> pl.DataFrame:
    """The weight of each kind of cue in an agent's sentence: one row a sentence, one column a kind."""
    hits = hits_of(conversations, NAME).filter(pl.col("speaker") == "agent")
    weight = [pl.col("weight").filter(pl.col("cue_kind") == kind) for kind in KINDS]
    strongest = [
        pl.when(own.max() > 0).then(own.max()).otherwise(own.min()).alias(kind)
        for own, kind in zip(weight, KINDS, strict=True)
    ]
    return hits.group_by(SENTENCE, maintain_order=True).agg(strongest)


def _before(conversations: Conversations, speaker: str, other: str) -> pl.DataFrame:
    """Of each turn of `other` the last message of `speaker` before it (`answers`), and the words of their turns since."""
    messages = conversations.messages.filter(pl.col("turn").is_not_null()).with_columns(
        run=pl.struct(*CONVERSATION, "speaker").rle_id()
    )
    said = (
        messages.filter(pl.col("speaker") == speaker)
        .group_by(*CONVERSATION, "run", maintain_order=True)
        .agg(pl.col("message_id").last().alias("answers"), pl.col("text").str.join(" "))
        .select(*CONVERSATION, "answers", said_before=words(pl.col("text")), run=pl.col("run") + 1)
    )
    return (
        messages.filter(pl.col("speaker") == other)
        .join(said, on=[*CONVERSATION, "run"], how="left", maintain_order="left")
        .select(*CONVERSATION, "turn", "answers", "said_before")
    )


def _confirmed(conversations: Conversations) -> pl.DataFrame:
    """The first sentence of each customer's turn after an agent's that says they were understood."""
    before = _before(conversations, "agent", "customer").select(*CONVERSATION, "turn", "answers")
    turn = [*CONVERSATION, "turn"]
    said = (
        cued(conversations, NAME, "customer", deniable=("confirms",))
        .filter(has("confirms") & ~pl.col("is_question") & ~pl.col("is_quoted") & ~pl.col("is_conditional"))
        .join(before, on=turn, how="left", maintain_order="left")
        .filter(pl.col("answers").is_not_null())
        .unique(turn, keep="first", maintain_order=True)
    )
    return evidence(said, NAME, VERSION, kind="confirmed", refers_to=pl.col("answers"))


mirroring = Signal(
    name=NAME,
    title="Given back in our words",
    question="Do customers hear from us what they said and what they feel?",
    rule=(
        "A sentence of an agent counts where it gives back what the customer just said, or says as a statement what they want, did or feel:"
        f" its cues, and the words it shares with the customer's, sum up to {THRESHOLD} or more; advice, questions, and what the agent"
        " does or has done take away. It names the feeling where a feeling is said, and the worst where it says what the customer may"
        " think of us. The customer confirms where an answer of theirs says that they were understood."
    ),
    leaves_out=(
        "Conversations in a language that can not be read, and those in which not both wrote. Words of others count as not said."
    ),
    columns=(
        Column(
            name="is_point_given_back",
            evidence=("mirroring",),
            title="Gave the point back",
            unit="share",
            total="share",
            better="higher",
            about="Share of answered conversations in which an agent gave back what the customer said.",
            sql_type="BOOLEAN",
        ),
        Column(
            name="is_feeling_named",
            evidence=("labeling",),
            title="Named the feeling",
            unit="share",
            total="share",
            better="higher",
            about="Share of answered conversations in which an agent said what the customer feels.",
            sql_type="BOOLEAN",
        ),
        Column(
            name="is_worst_named",
            evidence=("self_audit",),
            title="Named the worst they may think of us",
            unit="share",
            total="share",
            better="neither",
            about="Share of answered conversations in which an agent said what bad the customer may think of us.",
            sql_type="BOOLEAN",
        ),
        Column(
            name="is_confirmed_understood",
            evidence=("confirmed",),
            title="Yes, exactly",
            unit="share",
            total="share",
            better="higher",
            about="Share of answered conversations in which the customer said that they were understood.",
            sql_type="BOOLEAN",
        ),
    ),
    facts=FACTS,
    version=VERSION,
    goal="heard",
    heard_from="both",
    is_about_agents=True,
    judge=judge,
    kinds=(
        Kind("mirroring", "took up what the customer said"),
        Kind("labeling", "named the feeling"),
        Kind("self_audit", "named the worst"),
        Kind("confirmed", "said they were understood"),
    ),
    opportunity="Each conversation that can be read in which customer and agent both wrote.",
    lexicons=(NAME,),
    nearest=("support_tickets", "mirroring"),
    validity_note=(
        "On interviews between therapists and clients, labelled by people, six of ten reflections are found and two of three found"
        " are right. Agents seldom give anything back: on e-mail and chat tickets, labelled by language models, two to six of ten that are found"
        " are right, on public tweets three of ten; the rest is information about the customer's case."
    ),
)
