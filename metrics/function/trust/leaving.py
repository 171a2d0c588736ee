"""Words of leaving, of warning others and of going public."""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from metrics.measure import Column, Conversations, Kind, Signal
from metrics.text.repeats import first_replies
from metrics.text.said import CONVERSATION, SENTENCE, cued, evidence, has, is_anothers, is_cited
from metrics.text.telling import LEAVING, PLEASED, is_praise, with_mood

NAME: Final = LEAVING
VERSION: Final = 4
TELLING: Final = "would_recommend"  # its words of warning others and of never coming back are heard here too
UNHAPPY: Final = -0.1  # over the whole conversation; who tells others in this mood warns them
# A circle of people, and us: what is said of us among them.
_AMONG_THEM: Final = (
    r"(?i)\b(?:tell\w*|told|warn\w*|know\w*|hear\w*|heard|ask\w*|say\w*|said|advis\w*|recommend\w*|avoid\w*|won['\u2019]?t|never|not|no +longer|"
    r"none|instead|else\w*|stop\w*|keep\w*|read\w*|see|lesson|laugh\w*|talk\w*|think\w*|decid\w*|about)\b[^.!?]{0,90}\b(?:you|your|yours|this +firm|this +company|this +place|here)\b|"
    r"\b(?:you|your|yours)\b[^.!?]{0,60}\b(?:tell\w*|told|warn\w*|know\w*|hear\w*|heard|avoid\w*|won['\u2019]?t|never)\b"
)

FACTS: Final = """
SELECT heard.source, heard.ticket_id,
    coalesce(said.has_leaving, false) AS has_words_of_leaving,
    coalesce(said.has_warning, false) AS has_words_of_warning,
    coalesce(said.has_public, false) AS has_words_of_going_public
FROM heard
LEFT JOIN (
    SELECT source, ticket_id, bool_or(kind = 'leaving') AS has_leaving, bool_or(kind = 'warning_others') AS has_warning,
        bool_or(kind = 'going_public') AS has_public
    FROM evidence WHERE measure = 'leaving' GROUP BY ALL) AS said USING (source, ticket_id)
WHERE heard.is_readable
"""


def judge(conversations: Conversations) -> pl.DataFrame:
    """Evidence leaving, warning_others and going_public: the customer's sentences, also of survey comments.

    A threat on a condition counts, since it is said; quoted words of others do not. A sentence may be of several kinds.
    """
    own = cued(conversations, NAME, "customer", deniable=("warning", "tells"), with_surveys=True)
    told = cued(conversations, TELLING, "customer", deniable=("warn", "tell_others"), with_surveys=True)
    said = with_mood(conversations, _together(own, told).filter(~is_cited()))
    said = said.join(first_replies(conversations), on=CONVERSATION, how="left", maintain_order="left")
    is_pleased = pl.col("polarity") >= PLEASED
    is_bad = (pl.col("polarity") <= -PLEASED) | ((pl.col("mood") < UNHAPPY) & (pl.col("polarity") < -UNHAPPY))
    is_bad &= ~pl.col("is_glad")
    telling = has("tells", "tell_others") & (has("told_badly") | (is_bad & ~has("told_well")))
    is_later = (pl.col("turn") > pl.col("first_reply")).fill_null(False)
    is_displeased = (
        (is_later | (pl.col("mood") < UNHAPPY))
        & (pl.col("polarity") < PLEASED)
        & ~pl.col("is_glad")
        & ~pl.col("is_question")
    )
    is_word_of_mouth = has("circle") & pl.col("text").str.contains(_AMONG_THEM)
    kinds = {
        "leaving": (((has("leaving") | (has("hint") & is_displeased)) & ~has("stays")) | has("never_again"))
        & ~is_anothers(),
        "warning_others": (
            has("warning", "warn")
            | telling
            | has("recommend_not")
            | ((has("caution") | is_word_of_mouth) & is_displeased)
        )
        & ~has("recommend_firmly", "about_something_else", "about_another")
        & ~is_praise()
        & ~pl.col("is_question"),
        "going_public": (
            (has("public") & ~is_pleased) | has("official") | (has("audience") & is_displeased & ~is_pleased)
        )
        & ~has("not_public"),
    }
    return pl.concat(
        [evidence(said.filter(is_said), NAME, VERSION, kind=kind) for kind, is_said in kinds.items()]
    )


def _together(*parts: pl.DataFrame) -> pl.DataFrame:
    """Sentences with the kinds of cue that any of these parts found in them."""
    whole = pl.concat(parts)
    kinds = whole.group_by(SENTENCE, maintain_order=True).agg(
        pl.col("kinds").explode(empty_as_null=False, keep_nulls=False)
    )
    return (
        whole.drop("kinds", "weight")
        .unique(SENTENCE, keep="first", maintain_order=True)
        .join(kinds, on=SENTENCE, maintain_order="left")
    )


def _said(name: str, kind: str, title: str, about: str) -> Column:
    options: dict[str, Any] = {"unit": "share", "total": "share", "better": "lower", "sql_type": "BOOLEAN"}
    return Column(name=name, title=title, about=about, evidence=(kind,), **options)


leaving = Signal(
    name=NAME,
    title="Words of leaving",
    question="Who says that they leave, warn others or go public?",
    rule=(
        "A sentence of a customer that says or threatens that they leave, switch, cancel for good or never come back counts as leaving; "
        "one that warns others, or says that others should know, as warning others; one that names reviews, the press, "
        "a regulator, an ombudsman, lawyers or a court as a place to go, as going public. A threat on a condition counts. Hints (a rival near by, a payment stopped, a term that ends) talk among a circle of people and counts of readers count only where the customer is displeased: after a reply, or in low spirits all along, and without thanks. No account is taken to be lost by its words."
    ),
    leaves_out="Conversations in a language that can not be read, words of others, and denials (\"I do not want to leave\").",
    columns=(
        _said(
            "has_words_of_leaving", "leaving", "Speaks of leaving",
            "Share of conversations that can be read in which the customer says that they leave or may leave.",
        ),
        _said(
            "has_words_of_warning", "warning_others", "Warns others",
            "Share of conversations that can be read in which the customer warns others.",
        ),
        _said(
            "has_words_of_going_public", "going_public", "Goes public",
            "Share of conversations that can be read in which the customer speaks of reviews, press, a regulator or the law.",
        ),
    ),
    facts=FACTS,
    unlock="Export the tickets with their comments, or load the comments of surveys.",
    version=VERSION,
    goal="trust",
    heard_from="customer",
    judge=judge,
    kinds=(
        Kind("leaving", "speaks of leaving"),
        Kind("warning_others", "warns others"),
        Kind("going_public", "goes public"),
    ),
    opportunity="Each conversation with a customer's message that can be read.",
    lexicons=(NAME, TELLING),
    nearest=("support_tickets", "leaving"),
    validity_note="Labelled by language models, with few positive rows. Hints (a shop near by, a payment stopped, a term that ends) and words among friends or members count only from somebody displeased. Of new sentences written as a check in many ways, it caught three in ten of the roundabout and seven in ten of the plain ones of leaving, half and two thirds of those of warning others, and half and four fifths of those of going public; more than eight in ten of what it found was right.",
)  # fmt: skip
