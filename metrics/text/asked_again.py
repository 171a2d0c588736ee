"""Asked again: what agents asked for that stands earlier in the customer's words."""

from __future__ import annotations

import re
from typing import Final

import polars as pl

from metrics.measure import Conversations
from metrics.text.once import once
from metrics.text.repeats import EMPTY, LEXICON, STEM
from metrics.text.said import CONVERSATION, MESSAGE, hits_of

STORY_WORDS: Final = 12  # a customer who wrote so many words in a message has said what it is about
# Things that are asked for in words which mean other things too: they count in a question or a request for them alone.
PLAIN_THINGS: Final = ("time", "fact", "count", "reason", "wish", "free", "who", "paid", "tried")

_NAMES: Final = re.compile(
    r"order|account|customer|client|booking|reservation|ticket|case|invoice|tracking|policy|member|serial|transaction|"
    r"contract|confirmation|flight|card|meter|subscription|shipment|parcel|passport|imei|model|registration|licen[cs]e|refe|ref\b|"
    r"student|patient|player|locker|\bfile|claim|job|project|tenant|consumer|employee|device|voucher|receipt|iban|delivery|pnr|"
    r"permit|route|\bbus\b|train|module|course|room|gate"
)
_SAME_NAMES: Final = {
    "client": "customer",
    "reservation": "booking",
    "shipment": "tracking",
    "parcel": "tracking",
}
_REQUESTS: Final = (
    r"(?i)\b(?:need your|need the|(?:please|kindly|pl[zs]|could you|can you|would you|need you|ask you|must|mind)\b.{0,30}\b(?:tell|tells|telling|give|"
    r"giving|send|sending|confirm|confirming|provide|state|fill|submit|enter|complete|share|know|try|check|repeat|explain|describe|say|"
    r"start|clear|read|type|spell|go|upload|attach|post|have|quote|indicate|include)|let (?:me|us) (?:know|have)|^\W*(?:tell|give|send|confirm|provide|state))\b"
)
# Asked for something new, or for how it is after a step.
_NEW: Final = r"(?i)\b(?:now|still|another|too|as well|others?|different|second|instead|next time|from now|in (?:the )?future|since then)\b"
_FACTS: Final = re.compile(
    r"size|colou?r|amount|sum\b|how much|seat|class\b|plan\b|tariff|model|reading|server|region|branch|gym\b|station|course|module|"
    r"user|floor|room|gate\b|level|version|brand|quantit|flavou?r|price|\bband|department|airport|route|\bline\b|endpoint|error|"
    r"grade|shop|store\b|school|date|destination|nationality|language|currency|bank\b|subject|title|product|item"
)
# What tells a fact without its name.
_VALUES: Final = {
    "amount": r"[\u20ac\u00a3$]|\d", "sum": r"[\u20ac\u00a3$]|\d", "how much": r"[\u20ac\u00a3$]|\d", "price": r"[\u20ac\u00a3$]",
    "colour": r"red|green|orange|amber|blue|white|black|purple|yellow|navy|gr[ae]y|pink|brown",
    "gym": r" (?:at|in) ", "branch": r" (?:at|in) ", "shop": r" (?:at|in) ", "store": r" (?:at|in) ", "error": r"message|says",
}  # fmt: skip
_ASKED_FOR: Final = re.compile(
    r"\b(?:which|what(?:['\u2019]?s| is| was| are| were)?|your|the) (?:(?:the|your|is|was|exact|kind of|type of|sort of|full) ){0,3}([a-z]{4,})"
)
_TOLD: Final = re.compile(
    r"\b([a-z]{4,})(?: name| number| no\.?| code| type)?(?:(?: is| was| are|['\u2019]s| says?| reads?| called| named|:| =)+,? ?[\"'#]?\w| #?[a-z]{0,3}-?\d)"
)
_WORDS: Final = re.compile(r"[a-z]{4,}")
_STEPS: Final = frozenset(
    "tried trying check checked checking already different another using used asked contacted".split()
)
SAME_STEP: Final = 2  # words that a step which is asked for shares with the one that was told
_BARE_WORDS: Final = 4  # a number in so few words stands for itself


@once
def asked_again(conversations: Conversations) -> pl.DataFrame:
    """The agents' sentences that ask for what stands earlier in the customer's words, with `given_in`: that message."""
    kind = pl.col("cue_kind")
    hits = hits_of(conversations, LEXICON).filter(~pl.col("is_quoted") | kind.str.starts_with("gave_"))
    is_asking = pl.col("sentence_text").str.contains(r"\?") | pl.col("sentence_text").str.contains(_REQUESTS)
    is_plain = kind.str.strip_prefix("ask_").is_in(PLAIN_THINGS)
    is_new = pl.col("sentence_text").str.contains(_NEW)
    asked = hits.filter(kind.str.starts_with("ask_") & (~is_plain | (is_asking & ~is_new))).with_columns(
        kind.str.strip_prefix("ask_").alias("thing")
    )
    asked = pl.concat([asked, _over(hits, is_asking)])
    if asked.is_empty():
        return _nothing_asked(asked)
    given = hits.filter(kind.str.starts_with("gave_")).select(
        *CONVERSATION,
        pl.col("cue_kind").str.strip_prefix("gave_").alias("thing"),
        pl.col("turn").alias("given_turn"),
        pl.col("message_id").alias("given_in"),
        pl.col("sentence_text").alias("given_text"),
    )
    stories = pl.concat([_stories(conversations, asked), _first_words(conversations, asked)])
    claimed = _claims(hits.filter(kind == "claims"), asked)
    pairs = asked.join(
        pl.concat([given, stories, claimed]),
        on=[*CONVERSATION, "thing"],
        how="inner",
        maintain_order="left_right",
    )
    pairs = pairs.filter((pl.col("given_turn") < pl.col("turn")) & pl.col("given_turn").is_not_null())
    is_same = [
        _is_same(thing, text, told)
        for thing, text, told in pairs.select("thing", "text", "given_text").iter_rows()
    ]
    pairs = pairs.filter(pl.Series(is_same, dtype=pl.Boolean()))
    return _nothing_asked(pairs).unique([*MESSAGE, "start"], keep="first", maintain_order=True)


def _nothing_asked(pairs: pl.DataFrame) -> pl.DataFrame:
    given = pl.col("given_in") if "given_in" in pairs.columns else pl.lit(None, dtype=pl.String)
    return pairs.select(
        *MESSAGE,
        "turn",
        pl.col("sentence_start").alias("start"),
        pl.col("sentence_end").alias("end"),
        given.alias("given_in"),
    )


def _claims(claims: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
    """The customers' messages that say, after an agent asked for a thing, that it was sent: given elsewhere, as told."""
    first = asked.group_by(*CONVERSATION, "thing").agg(asked_turn=pl.col("turn").min())
    later = claims.filter(~pl.col("is_negated") & ~pl.col("is_question") & ~pl.col("is_conditional"))
    return (
        later.join(first, on=CONVERSATION, maintain_order="left_right")
        .filter((pl.col("turn") > pl.col("asked_turn")) & (pl.col("thing") != "story"))
        .select(
            *CONVERSATION,
            "thing",
            pl.col("turn").alias("given_turn"),
            pl.col("message_id").alias("given_in"),
            pl.lit("").alias("given_text"),
        )
    )


def _over(hits: pl.DataFrame, is_asking: pl.Expr) -> pl.DataFrame:
    """The agents' sentences that ask to have it said once more, as asking for the `thing` over: whatever was told."""
    kind = pl.col("cue_kind")
    not_meant = hits.filter(kind == "no_ask_over").select(*MESSAGE, "sentence").unique()
    over = hits.filter((kind == "asks_over") & is_asking & ~pl.col("is_negated"))
    over = over.join(not_meant, on=[*MESSAGE, "sentence"], how="anti", maintain_order="left")
    return over.with_columns(pl.lit("over").alias("thing"))


def _is_same(thing: str, asked: str, told: str) -> bool:
    if thing == "number":
        return names_same(asked, told)
    if thing == "tried":
        return len(_stems(asked) & _stems(told)) >= SAME_STEP
    return thing != "fact" or facts_same(asked, told)


def _stems(text: str) -> set[str]:
    """The beginnings of the words of a sentence that mean something."""
    return {word[:STEM] for word in _WORDS.findall(text.lower()) if word not in EMPTY and word not in _STEPS}


def facts_same(asked: str, told: str) -> bool:
    """Whether a fact that is asked for by its name is told: beside that name, or as the value that such a fact has."""
    low = told.lower()
    for name in _FACTS.findall(asked.lower()):
        fact = name.replace("color", "colour")
        if fact in low or name in low or ("user" in fact and "login" in low):
            return True
        if fact in _VALUES and re.search(_VALUES[fact], low):
            return True
    asked_for = {name[:STEM] for name in _ASKED_FOR.findall(asked.lower()) if name not in EMPTY}
    return bool(asked_for & {name[:STEM] for name in _TOLD.findall(low)})


def names_same(asked: str, told: str) -> bool:
    """Whether the number that is asked for is the one told: of the same name, or told alone."""
    wanted = {_SAME_NAMES.get(name, name) for name in _NAMES.findall(asked.lower())}
    named = {_SAME_NAMES.get(name, name) for name in _NAMES.findall(told.lower())}
    return bool(wanted & named) or (not named and len(told.split()) <= _BARE_WORDS)


def _stories(conversations: Conversations, asked: pl.DataFrame) -> pl.DataFrame:
    """The customers' first message that says what it is about, where an agent asks that after another's reply."""
    is_long = pl.col("text").str.count_matches(r"\S+") >= STORY_WORDS
    return _first_given(conversations, asked, "story", is_long)


def _first_words(conversations: Conversations, asked: pl.DataFrame) -> pl.DataFrame:
    """The customers' first message, where an agent asks to have something said once more."""
    return _first_given(conversations, asked, "over", pl.lit(True))


def _first_given(
    conversations: Conversations, asked: pl.DataFrame, thing: str, is_given: pl.Expr
) -> pl.DataFrame:
    """The customer's first message that gives the thing, in each conversation where it is asked for."""
    wanted = asked.filter(pl.col("thing") == thing).select(CONVERSATION).unique()
    told = conversations.messages.join(wanted, on=CONVERSATION, how="semi", maintain_order="left")
    return (
        told.filter(pl.col("turn").is_not_null() & (pl.col("speaker") == "customer") & is_given)
        .group_by(*CONVERSATION, maintain_order=True)
        .first()
        .select(
            *CONVERSATION,
            pl.lit(thing).alias("thing"),
            pl.col("turn").alias("given_turn"),
            pl.col("message_id").alias("given_in"),
            pl.col("text").alias("given_text"),
        )
    )
