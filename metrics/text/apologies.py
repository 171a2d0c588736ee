"""Apologies: the sentences in which an agent says sorry, and whether they name what happened or are a bare formula.

An apology names what happened where words of content are left beside the apology once the words of the formula
("for any inconvenience this may have caused you") are taken away, or where a fault of ours is named in the same
sentence, the one before or the one after it.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from metrics.measure import Conversations
from metrics.text.once import once
from metrics.text.said import SENTENCE, cued, has

LEXICON: Final = "apology"
_SORRY: Final = (
    r"(?i)\b(?:sorry|sry|soz|apolog(?:y|ies|i[sz]e[sd]?|i[sz]ing|etic)|forgive|regrets?|pardon|excuse[sd]?|my bad|oops|whoops|"
    r"mea culpa|ashamed|embarrassed|embarrassing|mortified|inexcusable|unforgivable|indefensible|(?:terrible|awful|dreadful|bad|rotten) (?:that|about))\b"
)
# What comes after the apology ends where the sentence turns to the next step or to something else.
_TURN: Final = (
    r"(?i)(?:,|;|:|\s[-\u2013\u2014]+\s|\bbut\b|\bhowever\b|\band\b)?\s*\b(?:(?:please|pls|plz|kindly|however|could you|can you|"
    r"would you|do you|did you|were you|are you|was it|is it|let me|let us|let'?s|we'?d (?:like|love)|i'?d (?:like|love)|we would (?:like|love)|but)\b|"
    r"and (?:will|would|are|am|appreciate|thank|hope|want|ask|shall)\b|"
    r"(?:we|i)(?:'?ll| will| can| could| would| want to|'?m happy|'?re happy| are happy| am happy|'?d be happy)\b|"
    r"(?:thanks|thank you|dm us|have you|what'?s|which|any (?:details|chance|idea))\b).*$"
)
# The words of the formula and those that say nothing of what happened.
# "Sorry for the confusion there, ..." says what it is for before the first mark; "Sorry, your parcel ..." after it.
_COMPLEMENT: Final = r"(?i)^(\s*(?:for|about|that|to (?:hear|see|learn|read)|you|if|of|on|over)\b[^,;:!?\u2013\u2014]*)[,;:!?\u2013\u2014].*$"
_EMPTY: Final = (
    "a about again all also am an and any anyone apologies apologize apologise appreciate are as at be because been behalf "
    "being best bother by can cause caused causes causing circumstance circumstances company concern concerning confusion could customer "
    "customers deeply dear deepest delayed did do does don't dont entire especially everyone ever every expectation expectations experience experienced experiencing "
    "extremely faced facing fact far feel felt find folks for forgive from further genuine genuinely get give great greatly guys had happen happened hassle has have "
    "having hear heartfelt hello help hi his her him hope how i i'm if im in inconvenience inconveniences inconvenienced inconvenient incredibly into is issue issues "
    "it it's its just know learn long made make matter meet met may me might more most much must my myself news no not now of on once one or our part "
    "please problem problems profusely read really regard regarding regret say see seriously should sincere sincerely situation situations so some "
    "sorry still such team team's terribly than that that's thats the their them there these they thing things this those thought to today too trouble "
    "accept annoyance appreciated appreciate bad bear bearing disappointing disappointment disappointments distress frustrated frustrating frustration frustrations "
    "hassles kind kindly look looking patience patient poor same stress upsetting way went worry "
    "troubles truly understand understanding unreservedly unfortunately upset us very want was way we we're we've were what whatever when "
    "where whole whom why will with would you you're you've youre your yours yourself pardon sry soz mate sir madam maam guest"
)
_EMPTY_WORD: Final = r"(?i)\b(?:" + "|".join(_EMPTY.split()) + r")\b"
# Words of two letters say little ("OK"), names stand behind a comma and begin with a capital.
_CONTENT: Final = r"[A-Za-z][A-Za-z'-]{2,}"
_NAME: Final = r"(?:^|,|\b[Hh]i|\b[Hh]ello|\b[Dd]ear|\b[Hh]ey)\s*\p{Lu}[\p{L}'\u2019]+\s*(?:$|[,.!:;])"
_HEDGED: Final = r"(?i)^\s*(?:if|should)\b"
_FOR_ANY: Final = r"(?i)^\s*(?:for|about) any\b"
ANY_WORDS: Final = (
    2  # "for any trouble with the app" names no more than that; three words of content name something
)
# After "Sorry," only what is told of the past, or as ours, says what it is for.
_HAPPENED: Final = (
    r"(?i)\b(?:\w{2,}ed|was|were|did|didn'?t|had|been|forgot|sent|gave|told|took|got|lost|left|put|made|kept|broke|"
    r"wrong|late|typo|mix-?up|mistake|slip)\b"
)
_FORMULA_TAIL: Final = (
    r"(?i)\b(?:while|whilst|during|as\s+we|until|at\s+this|in\s+the\s+meantime|over\s+the\s+(?:next|coming)|(?:once\s+)?again\s+from|from\s+all|"
    r"from\s+everyone|from\s+the|on\s+behalf)\b.*$"
)
# "... and for that I apologise": what it is for stands before.
_FOR_THAT: Final = (
    r"(?i)(?:\b(?:and\s+)?for\s+(?:that|this|which|it|all\s+(?:that|of\s+(?:it|that)))\b[^.!?]{0,30}\b(?:sorry|apolog\w+|forgive|regret)\b|"
    r"[,;\u2013\u2014-]\s*(?:and\s+)?(?:i|we)(?:'?m|\s+am|'?re|\s+are)?(?:\s+\w+){0,2}\s+(?:sorry|apologi[sz]e)\s+(?:for|about)\s+(?:that|this|it)\b)"
)
_HANDLE: Final = r"(?:@\w+|#\w+|https?://\S+|(?:^|\s)[*^~/-]\s?\p{Lu}\w*\W*$)"


@once
def apologies(conversations: Conversations) -> pl.DataFrame:
    """The agents' sentences that apologise, as `cued` gives them, with `is_specific`: what happened is named."""
    cues = cued(conversations, LEXICON, "agent")
    said = cues.filter(has("sorry") & ~has("not_ours") & ~pl.col("is_quoted"))
    if said.is_empty():
        return said.with_columns(is_specific=pl.lit(False))
    text = pl.col("text").str.replace_all("[\u2019\u2018\u02bc]", "'")
    rest = text.str.replace(rf"^.*?{_SORRY}", "")
    after = rest.str.replace(_COMPLEMENT, "${1}").str.replace(_TURN, "").str.replace(_FORMULA_TAIL, "")
    content = _content(after)
    # Sorry on a condition, or for any trouble, names nothing that happened; what follows a comma may be the next step.
    is_hedged = (
        after.str.contains(_HEDGED)
        | (after.str.contains(_FOR_ANY) & (content <= ANY_WORDS))
        | (rest.str.contains(r"^\s*[,:;\u2013\u2014-]") & ~rest.str.contains(_HAPPENED))
    )
    named_before = text.str.contains(_FOR_THAT) & (_content(text.str.replace(_FOR_THAT + ".*$", "")) > 1)
    near = _near(cues.filter(has("fault") & ~pl.col("is_quoted")))
    return (
        said.join(near, on=SENTENCE, how="left", maintain_order="left")
        .with_columns(
            is_specific=((content > 0) & ~is_hedged) | named_before | pl.col("is_near").fill_null(False)
        )
        .drop("is_near")
    )


def _content(text: pl.Expr) -> pl.Expr:
    """How many words of content a text holds beside names and the words of the formula."""
    return (
        text.str.replace_all(_HANDLE, " ")
        .str.replace_all(_NAME, " ")
        .str.replace_all(_EMPTY_WORD, " ")
        .str.count_matches(_CONTENT)
    )


def _near(faults: pl.DataFrame) -> pl.DataFrame:
    """The places at a named fault: its own sentence, the one before it and the one after."""
    own = faults.select(SENTENCE)
    steps = [own.with_columns(pl.col("sentence") + step) for step in (-1, 0, 1)]
    return pl.concat(steps).unique(SENTENCE).with_columns(is_near=pl.lit(True))
