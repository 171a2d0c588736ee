"""What a yes and a no of a column mean for one conversation, in words: a rate's title says it of many."""

from __future__ import annotations

from typing import Final

from metrics.conversations import Answer
from metrics.measure import Column

# Column: what yes means, what no means. A column that is not here is said by its title.
MEANS: Final = {
    "is_satisfied": ("Rated satisfied", "Rated, and not satisfied"),
    "nps_net": ("Scored 9 or 10", "Scored 0 to 6"),
    "is_survey_answered": ("Answered a survey", "Asked, and did not answer"),
    "is_csat_answered": ("Answered the satisfaction survey", "Did not answer the satisfaction survey"),
    "is_nps_answered": ("Answered the recommendation survey", "Did not answer the recommendation survey"),
    "is_first_reply_open": ("Still waiting for a first reply", "Got a first reply"),
    "is_one_touch": ("Solved with exactly one reply", "Not solved with exactly one reply"),
    "is_two_touch": ("Solved with exactly two replies", "Not solved with exactly two replies"),
    "is_multi_touch": ("Solved with three replies or more", "Solved with fewer than three replies"),
    "is_no_touch": ("Solved without a reply", "Solved with a reply"),
    "is_first_contact_resolution": (
        "Solved for good by the first reply",
        "Not solved for good by the first reply",
    ),
    "is_handed_over": ("Passed from one agent to another", "Stayed with one agent"),
    "is_unassigned_now": ("With nobody", "Not with nobody"),
    "is_rated_again": ("Rated more than once", "Rated once"),
    "is_good_to_bad": ("Changed from satisfied to not satisfied", "Never changed from satisfied"),
    "is_bad_to_good": ("Changed from not satisfied to satisfied", "Never changed to satisfied"),
    "is_answered_by_human": ("Answered by humans alone", "Not answered by humans alone"),
    "is_answered_by_ai": ("Answered by an AI alone", "Not answered by an AI alone"),
    "is_answered_by_bot": ("Answered by a bot alone", "Not answered by a bot alone"),
    "is_answered_by_both": ("Answered by a human and a bot", "Not answered by a human and a bot"),
    "is_answered_by_nobody": ("Answered by nobody", "Answered"),
    "is_opened_by_agent": ("Opened by an agent", "Opened by the customer"),
    "is_solved_by_bot": ("Solved by a bot alone", "Not solved by a bot alone"),
    "is_reopened": ("Opened again after it was solved", "Never opened again"),
    "is_gone_quiet": ("Gone quiet", "Not gone quiet"),
    "has_suggestion": ("Voiced an idea", "Voiced no idea"),
    "is_unheard": ("Ideas nobody answered", "Ideas that were heard"),
    "is_passed_over": ("Ideas passed over in the reply", "Ideas not passed over"),
    "is_without_reply": ("Ideas without any reply", "Ideas with a reply after them"),
    "left_better": ("Left better", "Did not leave better"),
    "left_same": ("Left the same", "Did not leave the same"),
    "left_worse": ("Left worse", "Did not leave worse"),
    "said_would_recommend": ("Said they'd recommend", "Did not say they'd recommend"),
    "would_warn_others": ("Said they'd warn others", "Did not say they'd warn others"),
    "looks_fine_isnt": ("Look fine, aren't", "Look fine, and are"),
    "is_looking_fine": ("Look fine", "Do not look fine"),
}


def in_words(column: Column, answer: Answer) -> str:
    """The conversations with that answer, as a menu names them."""
    if answer != "measured":
        known = MEANS.get(column.name, (f"{column.title}: yes", f"{column.title}: no"))
        return known[0] if answer == "yes" else known[1]
    if column.unit in ("share", "net"):
        return f"{column.title}: all that were measured"
    return (
        f"{column.title}: the worst first"
        if column.better != "neither"
        else f"{column.title}: the longest first"
    )


def asks(name: str, title: str) -> str:
    """What a yes or no of this column answers for one conversation."""
    return MEANS[name][0] if name in MEANS and name != "nps_net" else title
