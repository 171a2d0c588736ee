"""Mirroring: the agent gives back the point, names the feeling or the worst they may think of us; and "yes, exactly"."""

from __future__ import annotations

from typing import Final

import polars as pl

from metrics.measure import Column, Conversations, Kind, Signal
from metrics.text.said import CONVERSATION, MESSAGE, SENTENCE, cued, evidence, has, hits_of, spoken
from metrics.text.shared_words import with_words, words

NAME: Final = "mirroring"
VERSION: Final = 4
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
# Who was asked answers: what repeats the words of a question informs. Who was told something may give it back, first of
# all and without an I or we; a fragment without a verb ("no water since Sunday, and a baby in the house") does so most.
ANSWERS_QUESTION: Final = -0.4
OPENS: Final = 0.15
FRAGMENT: Final = 0.15
_OURS: Final = r"(?i)\b(?:i|we|our|my|us|me)\b"
_WITH_VERB: Final = (
    r"(?i)\b(?:i|we|is|are|was|were|am|be|will|has|have|had|can|could|do|does|did|please|yes|no,|should|would|must|may|let)\b|"
    r"['\u2019](?:s|ll|ve|re|m|d|t)\b|[:?]|^\W*(?:@\w+ )?(?:hi|hello|hey|dear|thank|thanks|good|sorry|great|regards|best|kind|"
    r"noted|ok|okay|done|welcome|enjoy)"
)

AGREES_WITHIN: Final = 2  # sentences from the opening of a customer's answer
STATEMENT_WORDS: Final = 4
# How a question opens, or what it offers and asks for: such a one does not say anything back.
ASKS: Final = (
    r"(?i)^\W*(?:(?:hi|hello|ok|okay|so|and|but|or|thanks|sorry|great|sure|right|[\w'’.-]+(?: \w+)?,)\W+){0,3}(?:do|does|did|is|are|was|"
    r"were|am|have|has|had|can|could|will|would|shall|should|may|might|must|what|when|where|which|who|whose|why|how|any|anything|"
    r"anyone|in what|at what|on what|on which|since when|for how|want me|need|not|don['’]?t|isn['’]?t|aren['’]?t|haven['’]?t|why)\b"
    r"|\b(?:please|kindly|shall (?:i|we)|(?:i|we)(?:['’]?ll| will| can| could| would| may|['’]?d)\b|would you|could you|can you|"
    r"is (?:that|this|it) (?:ok|okay|all right|alright|fine|good|possible))|\b(?:agreed|deal|ok|okay)\W*$"
)
SUPPOSING: Final = r"(?i)\b(?:if|unless|had you|as long as|would(?:n['’]?t| not)? have|(?:i|we)['’]?d love)\b"
MOCKING: Final = r"(?i)\byeah,? right\b|\b(?:just )?so (?:that )?we(?:'re| are| all)?\b|\b(?:expert|wonderful|brilliant) (?:help|service|advice)\b"

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
    scored = scores(conversations)
    given = scored.filter(
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
    return pl.concat([rows, _confirmed(conversations, scored)])


def scores(conversations: Conversations) -> pl.DataFrame:
    """The agents' sentences with `score`, how much each gives back, and `answers`, the message that it speaks to.

    The score is the sum of the weight of each kind of cue, of the words shared with what the customer said just
    before, of the place in the reply, and of whether the customer asked something.
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
    is_first = place <= 1
    is_fragment = is_first & ~is_short & (shared > 0) & ~pl.col("text").str.contains(_WITH_VERB)
    parts = [
        *(pl.col(kind) for kind in KINDS),
        pl.when(is_echo).then(pl.min_horizontal(shared, MOST_SHARED_WORDS) * EACH_SHARED_WORD).otherwise(0.0),
        pl.when(is_echo & is_mostly).then(MOSTLY_SHARED).otherwise(0.0),
        pl.when(pl.col("is_question")).then(QUESTION).otherwise(0.0),
        pl.when(is_short).then(SHORT).otherwise(0.0),
        pl.when(place > OPENING_SENTENCES).then(LATER).otherwise(0.0),
        pl.when("is_asked").then(ANSWERS_QUESTION).otherwise(0.0),
        pl.when(is_first & ~pl.col("text").str.contains(_OURS)).then(OPENS).otherwise(0.0),
        pl.when(is_fragment).then(FRAGMENT).otherwise(0.0),
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
        .agg(
            pl.col("message_id").last().alias("answers"),
            pl.col("text").last().str.contains("?", literal=True).alias("is_asked"),
            pl.col("text").str.join(" "),
        )
        .select(
            *CONVERSATION, "answers", "is_asked", said_before=words(pl.col("text")), run=pl.col("run") + 1
        )
    )
    return (
        messages.filter(pl.col("speaker") == other)
        .join(said, on=[*CONVERSATION, "run"], how="left", maintain_order="left")
        .select(*CONVERSATION, "turn", "answers", "said_before", "is_asked")
    )


def _confirmed(conversations: Conversations, scored: pl.DataFrame) -> pl.DataFrame:
    """The first sentence of each customer's turn after an agent's that says they were understood.

    What says so in itself counts anywhere; a "yes" or "that's it" at the opening only after a message of the agent that
    said back what was understood (`_sums_up`).
    """
    before = _before(conversations, "agent", "customer").select(*CONVERSATION, "turn", "answers")
    turn = [*CONVERSATION, "turn"]
    summed = _sums_up(conversations, scored)
    is_supposed = pl.col("is_conditional") & pl.col("text").str.contains(
        SUPPOSING
    )  # not "I couldn't have said it better"
    is_stated = ~pl.col("is_question") & ~pl.col("is_quoted") & ~is_supposed
    is_agreeing = (
        has("agrees") & ~has("no_agreement") & (pl.col("sentence") < AGREES_WITHIN) & ~pl.col("is_question")
    )
    said = (
        cued(conversations, NAME, "customer", deniable=("confirms", "agrees"))
        .join(before, on=turn, how="inner", maintain_order="left")
        .filter(pl.col("answers").is_not_null())
        .join(summed, on=[*CONVERSATION, "answers"], how="left", maintain_order="left")
        .filter((has("confirms") & is_stated) | (is_agreeing & pl.col("is_summed").fill_null(False)))
        .filter(~pl.col("text").str.contains(MOCKING))
        .unique(turn, keep="first", maintain_order=True)
    )
    return evidence(said, NAME, VERSION, kind="confirmed", refers_to=pl.col("answers"))


def _sums_up(conversations: Conversations, scored: pl.DataFrame) -> pl.DataFrame:
    """The agents' messages, as `answers`, that say back what they understood: by a cue, by the score of a sentence, or
    by a statement with a question mark ("the left one is missing?")."""
    cues = (
        cued(conversations, NAME, "agent").filter(has("sums_up") & ~pl.col("is_conditional")).select(SENTENCE)
    )
    is_statement = pl.col("is_question") & (pl.col("count_words") >= STATEMENT_WORDS)
    is_statement &= ~pl.col("text").str.contains(ASKS)
    summed = pl.concat([cues, scored.filter((pl.col("score") >= THRESHOLD) | is_statement).select(SENTENCE)])
    return summed.select(
        *CONVERSATION, pl.col("message_id").alias("answers"), is_summed=pl.lit(True)
    ).unique()


mirroring = Signal(
    name=NAME,
    title="Given back in our words",
    question="Do customers hear from us what they said and what they feel?",
    rule=(
        "A sentence of an agent counts where it gives back what the customer just said, or says as a statement what they want, did or feel:"
        f" its cues, and the words it shares with the customer's, sum up to {THRESHOLD} or more; advice, questions, and what the agent"
        " does or has done take away. It names the feeling where a feeling is said, and the worst where it says what the customer may"
        " think of us. What answers a question counts less, an opening without I or we more. The customer confirms where an answer of theirs says that they were understood, or agrees at its opening with what"
        " the agent said back."
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
