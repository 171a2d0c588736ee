"""What customers would probably answer, had they been asked: guessed from their words, apart from what they said."""

from __future__ import annotations

from typing import Final

import polars as pl

from metrics.measure import Column, Conversations, Kind, Signal
from metrics.text import said
from warehouse.schema import EVIDENCE

NAME: Final = "guessed_answers"
VERSION: Final = 1

# Two parts of words alone to one of what support talk makes of facts: an answer to "would you recommend" follows the
# tone of the whole account, in which facts told without feeling weigh less than they do for a mood.
PLAIN_SHARE: Final = 2 / 3
CLEAR: Final = 0.15  # a guess nearer to 0 than this says nothing

# What is added to the mean polarity for satisfaction. Ends weigh more in memory than what lay between; each turn with
# closing words, up to four, stands for one thing that was got; where much is denied, or we often could not, less was.
END_SHARE: Final = 0.5
CLOSURE: Final = 0.05
MOST_CLOSURES: Final = 4
OPEN_POINTS: Final = 0.2
INABILITY: Final = 0.2

_CONVERSATION = list(said.CONVERSATION)
_TURN = list(said.TURN)


def scores(conversations: Conversations) -> pl.DataFrame:
    """The two guesses of each conversation: source, ticket_id, would_recommend, satisfaction, about -1 to 1."""
    own = said.spoken(conversations, "customer")
    ends = own.group_by(_CONVERSATION).agg(first=pl.col("turn").min(), last=pl.col("turn").max())
    own = own.join(ends, on=_CONVERSATION, how="left", maintain_order="left")
    is_end = 3 * (pl.col("last") - pl.col("turn")) <= pl.col("last") - pl.col("first")
    polarity = pl.col("polarity")
    moods = own.group_by(_CONVERSATION, maintain_order=True).agg(
        mood=polarity.mean(),
        plain=pl.col("plain_polarity").mean(),
        end=polarity.filter(is_end).mean(),
        count_turns=pl.col("turn").n_unique(),
    )
    answers = (
        said.spoken(conversations, "agent")
        .group_by(_CONVERSATION)
        .agg(count_answers=pl.col("turn").n_unique())
    )
    moods = moods.join(answers, on=_CONVERSATION, how="left", maintain_order="left")
    for name, kind, speaker in (
        ("closures", "closure", "customer"), ("open_points", "open_point", "customer"), ("inabilities", "inability", "agent"),
    ):  # fmt: skip
        moods = moods.join(
            _turns(conversations, kind, speaker, name), on=_CONVERSATION, how="left", maintain_order="left"
        )
    count = {name: pl.col(name).fill_null(0) for name in ("closures", "open_points", "inabilities")}
    return moods.select(
        *_CONVERSATION,
        would_recommend=(PLAIN_SHARE * pl.col("plain") + (1 - PLAIN_SHARE) * pl.col("mood")).round(6),
        satisfaction=(
            pl.col("mood")
            + END_SHARE * pl.col("end")
            + CLOSURE * count["closures"].clip(upper_bound=MOST_CLOSURES)
            - OPEN_POINTS * count["open_points"] / pl.col("count_turns")
            - INABILITY * (count["inabilities"] / pl.col("count_answers")).fill_null(0.0)
        ).clip(-1.0, 1.0).round(6),
    )  # fmt: skip


def _turns(conversations: Conversations, kind: str, speaker: str, name: str) -> pl.DataFrame:
    """How many turns of a speaker hold a cue of this kind."""
    is_own = (pl.col("lexicon") == NAME) & (pl.col("cue_kind") == kind) & (pl.col("speaker") == speaker)
    hits = conversations.hits.filter(is_own & pl.col("turn").is_not_null()).select(_TURN).unique()
    return hits.group_by(_CONVERSATION).agg(pl.len().cast(pl.Int64).alias(name))


def judge(conversations: Conversations) -> pl.DataFrame:
    """One row a guess: the customer's sentence that leans most to its side, with the guess as its value.

    Kinds would_likely, would_hardly and would_unclear for recommending, likely_satisfied, likely_dissatisfied and
    satisfaction_unclear for satisfaction.
    """
    own = said.spoken(conversations, "customer").join(
        scores(conversations), on=_CONVERSATION, how="inner", maintain_order="left"
    )
    return pl.concat(
        [
            _telling(
                own, "would_recommend", "plain_polarity", "would_likely", "would_hardly", "would_unclear"
            ),
            _telling(
                own,
                "satisfaction",
                "polarity",
                "likely_satisfied",
                "likely_dissatisfied",
                "satisfaction_unclear",
            ),
        ]
    ).sort("source", "ticket_id", "kind", "message_id", "start")


def _telling(own: pl.DataFrame, score: str, felt: str, good: str, bad: str, unclear: str) -> pl.DataFrame:
    """The most telling sentence of each conversation for a score; the first of those that tell as much."""
    lean = (pl.col(felt) * pl.col(score).sign()).round(9)
    rows = (
        own.with_columns(lean=lean)
        .sort(
            *_CONVERSATION,
            "lean",
            "turn",
            "message_id",
            "start",
            descending=[False, False, True, False, False, False],
        )
        .unique(_CONVERSATION, keep="first", maintain_order=True)
    )
    kind = (
        pl.when(pl.col(score) > CLEAR).then(pl.lit(good)).when(pl.col(score) < -CLEAR).then(pl.lit(bad)).otherwise(pl.lit(unclear))
    )  # fmt: skip
    return said.evidence(rows, NAME, VERSION, kind=kind, value=pl.col(score)).cast(EVIDENCE)


FACTS: Final = f"""
SELECT heard.source, heard.ticket_id,
    max(value) FILTER (kind IN ('would_likely', 'would_hardly', 'would_unclear')) AS predicted_recommend,
    max(value) FILTER (kind IN ('likely_satisfied', 'likely_dissatisfied', 'satisfaction_unclear')) AS predicted_satisfaction
FROM heard JOIN evidence USING (source, ticket_id)
WHERE heard.is_readable AND evidence.measure = '{NAME}'
GROUP BY ALL
"""

guessed_answers = Signal(
    name=NAME,
    title="Guessed answers",
    question="What would customers who did not say so answer, had they been asked?",
    rule=(
        "A guess, apart from what was said, learnt from nothing. Recommend: the mean over the customer's sentences, two thirds "
        "by words alone (VADER, a linear model of words, set phrases), one third with what support talk makes of facts. "
        f"Satisfaction: the mean polarity, {END_SHARE:g} of that of the last third of the talk, {CLOSURE:g} for each turn (up to "
        f"{MOST_CLOSURES}) with thanks or words that close a matter, less {OPEN_POINTS:g} of the share of the customer's turns with a "
        f"denial, still or again, less {INABILITY:g} of the share of our turns that could not. Both from about -1 to 1."
    ),
    leaves_out="Conversations in a language that can not be read. Survey comments are not heard: their answer is known.",
    columns=(
        Column(
            name="predicted_recommend",
            title="Would recommend, guessed",
            unit="mood",
            total="mean",
            better="higher",
            about="How the customer's words lean, for whether they would recommend us; not what they said of it.",
            evidence=("would_likely", "would_hardly", "would_unclear"),
        ),
        Column(
            name="predicted_satisfaction",
            title="Satisfaction, guessed",
            unit="mood",
            total="mean",
            better="higher",
            about="How the talk leans, for how satisfied its customer is; not what they ticked.",
            evidence=("likely_satisfied", "likely_dissatisfied", "satisfaction_unclear"),
        ),
    ),
    facts=FACTS,
    version=VERSION,
    goal="trust",
    heard_from="both",
    judge=judge,
    kinds=(
        Kind("would_likely", "sounds like somebody who would recommend (a guess)", is_quiet=True),
        Kind("would_hardly", "sounds like somebody who would not recommend (a guess)", is_quiet=True),
        Kind("would_unclear", "no guess about recommending", is_quiet=True),
        Kind("likely_satisfied", "sounds satisfied (a guess)", is_quiet=True),
        Kind("likely_dissatisfied", "sounds dissatisfied (a guess)", is_quiet=True),
        Kind("satisfaction_unclear", "no guess about satisfaction", is_quiet=True),
    ),
    opportunity="Each conversation in which the customer wrote, in a language that can be read.",
    lexicons=(NAME,),
    nearest=("satisfaction", "rating above 3"),
    validity_note=(
        "Satisfaction was rated by outsiders on bookings by simulated or paid users; recommending by the writers of travel "
        "reviews. Neither is support. A guess for groups, not for a single customer."
    ),
)
