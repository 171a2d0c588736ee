"""Telling others: whether it is well or badly meant, read from how the customer feels in the whole conversation."""

from __future__ import annotations

from typing import Final

import polars as pl

from metrics.measure import Conversations
from metrics.text.once import once
from metrics.text.repeats import moved
from metrics.text.said import CONVERSATION, MESSAGE, cued, has, is_anothers, is_cited

REFERRED: Final = "referred"  # the lexicon of coming through others and of telling them
LEAVING: Final = "leaving"  # the lexicon of leaving, warning others and going public
# Who tells others in a sentence of this mood tells them nothing good. Not nearer to 0: "I will tell all my colleagues about you"
# alone, which leans to warnings, reads as -0.3.
UNHAPPY: Final = -0.35
UNHAPPY_ALL_ALONG: Final = -0.1  # nor who is in this mood over the whole conversation

# A word for others says nothing by itself where the sentence is this pleased, nor where the customer is content all along.
PLEASED: Final = 0.4
CONTENT_ALL_ALONG: Final = 0.2
# Words of somebody who is glad where they stand, whatever they felt when they first wrote.
_GLAD: Final = (
    r"(?i)\b(?:thank(?:s| you)(?: so much| very much| again| both| all)?\W*(?:$|[.!,]|[A-Z]|for)|cheers|bless|brilliant|lovely|wonderful|"
    r"delighted|obliged|grateful|perfect|fantastic|amazing|happy|pleased|works|working|sorted|phew)"
)
_NOT_GLAD: Final = r"(?i)\b(?:thanks for nothing|no,? thank|thank you but|not (?:happy|pleased|working)|un(?:happy|grateful)|still|never again)\b"

# Somebody, and then us as what they use, praise or speak of.
_LINKED: Final = (
    r"(?i)\b(?:my|our|one +of|an?|his|her|some|both|half|all|another|the|she|he)\b[^.!?]{0,70}\b(?:with|to|about|of|from|us(?:e|es|ed|ing)|"
    r"recommend\w*|lov\w+|by|at|chose|choose|join\w*|try|tried|got|gets?|has|have|had|in|into|on|onto|for|like|than|swears +by|mention\w*) +"
    r"(?:you|yours|u|here|your +(?:\w+ +)?(?:app|bank|broadband|clinic|club|company|courier|firm|game|gym|internet|name|page|"
    r"place|plan|platform|school|service|shop|site|software|store|team|tool|website))\b"
)
# Dealings of theirs with us, or between us and them, are no word of mouth.
_DEALINGS: Final = (
    r"(?i)\b(?:call(?:ed|ing)?|rang|phon(?:ed|ing)|wr(?:o|i)te|written|e-?mail(?:ed|ing)?|sp(?:eak|oke|oken|eaking)|complain\w*|paid|pays?|sent|send|return(?:ed)?|"
    r"report(?:ed)?|wait(?:ed|ing)?|appl(?:y|ied)|hear(?:ing)?|heard|get +back|came|come|reply|replied|answer|letter|money|refund\w*|charg\w+|"
    r"account|parcel|package|invoice|bill|order +number|problem|fault|broken|error) +(?:\w+ +)?(?:with|to|from|of|on|for|by|at) +(?:you|yours|u|your)\b|"
    r"\bon +behalf\b|\bpower +of +attorney\b"
)


def with_mood(conversations: Conversations, sentences: pl.DataFrame) -> pl.DataFrame:
    """The sentences with two columns more: how their customer feels.

    mood: the mean polarity of all that the customer says in the conversation, survey comments too.
    is_glad: whether the message itself says that it got somewhere, thanks or praises.
    """
    moods = (
        conversations.sentences.filter(pl.col("speaker") == "customer")
        .group_by(CONVERSATION)
        .agg(pl.col("polarity").mean().round(6).alias("mood"))
    )
    texts = (
        conversations.messages.select(*MESSAGE, "text")
        .join(sentences.select(MESSAGE).unique(), on=MESSAGE, how="semi", maintain_order="left")
        .join(
            moved(conversations).select(*MESSAGE, is_moved=True),
            on=MESSAGE,
            how="left",
            maintain_order="left",
        )
    )
    is_said = pl.col("text").str.contains(_GLAD) & ~pl.col("text").str.contains(_NOT_GLAD)
    glad = texts.select(*MESSAGE, is_glad=pl.col("is_moved").fill_null(False) | is_said).unique(
        MESSAGE, keep="first"
    )
    return (
        sentences.join(moods, on=CONVERSATION, how="left", maintain_order="left")
        .join(glad, on=MESSAGE, how="left", maintain_order="left")
        .with_columns(pl.col("is_glad").fill_null(False))
    )


@once
def came_through(conversations: Conversations) -> pl.DataFrame:
    """The customers' sentences that say that somebody they know sent them or uses the company."""
    said = with_mood(conversations, _of_others(conversations))
    is_linked = (
        has("someone") & pl.col("text").str.contains(_LINKED) & ~pl.col("text").str.contains(_DEALINGS)
    )
    is_content = (pl.col("mood") > UNHAPPY_ALL_ALONG) | (pl.col("polarity") >= 0.0)
    return said.filter(has("came") | (is_linked & is_content & ~is_anothers()))


@once
def tells_gladly(conversations: Conversations) -> pl.DataFrame:
    """The sentences of pleased customers that say that they tell, show or bring somebody, with no word of what."""
    said = with_mood(conversations, _of_others(conversations))
    is_pleased = pl.col("is_glad") | (pl.col("polarity") >= PLEASED)
    return said.filter(
        has("tells")
        & ~has("came", "will_tell", "badly")
        & is_pleased
        & ~is_anothers()
        & ~pl.col("is_conditional")
    )


@once
def tells_well(conversations: Conversations) -> pl.DataFrame:
    """The customers' sentences that say that they tell people they know, and nothing bad; not on a condition."""
    return with_mood(conversations, _of_others(conversations)).filter(
        has("will_tell")
        & ~has("came", "badly")
        & ~is_anothers()
        & ~pl.col("is_conditional")
        & (pl.col("polarity") > UNHAPPY)
        & ((pl.col("mood") > UNHAPPY_ALL_ALONG) | pl.col("is_glad"))
    )


def is_praise() -> pl.Expr:
    """Whether a sentence of `with_mood` that speaks to others is pleased, or plain words of somebody content."""
    is_content = (pl.col("mood") > CONTENT_ALL_ALONG) & (pl.col("polarity") >= 0.0)
    return (pl.col("polarity") >= PLEASED) | is_content


@once
def warns(conversations: Conversations) -> pl.DataFrame:
    """The customers' sentences that warn people they know or anyone, in the words of the lexicon of leaving."""
    said = cued(conversations, LEAVING, "customer", deniable=("warning",), with_surveys=True)
    said = said.filter(has("warning") & ~has("about_another") & ~pl.col("is_question") & ~is_cited())
    return with_mood(conversations, said).filter(~is_praise())


def _of_others(conversations: Conversations) -> pl.DataFrame:
    said = cued(conversations, REFERRED, "customer", deniable=("came", "will_tell"), with_surveys=True)
    return said.filter(~has("other") & ~pl.col("is_question"))
