"""What is a suggestion and what only sounds like one: errands, facts, praise, questions, and ideas in other clothes."""

from __future__ import annotations

import pytest

from tests.test_unheard_suggestion import is_suggestion


@pytest.mark.parametrize(
    "text",
    [
        "I'd recommend you to anyone who runs a small shop.",
        "I'll definitely recommend your team.",
        "I recommend you wholeheartedly to all shop owners.",
        "I would suggest your company to anyone who needs a loan.",
        "Everybody should have a bank like you.",
    ],
)
def test_recommending_the_company_is_none(text: str) -> None:
    assert not is_suggestion(text)


@pytest.mark.parametrize(
    "text",
    [
        "What size should the picture be?",
        "Which of the two buttons should be pressed first?",
        "Where should the sticker be placed on the box?",
        "Hi, what should I enter as the reference?",
        "Should this be set to on?",
        "At what time should we be at the door?",
    ],
)
def test_asking_how_something_is_done_is_none(text: str) -> None:
    assert not is_suggestion(text)


@pytest.mark.parametrize(
    "text",
    [
        "Can it be reopened?",
        "Can the amount be corrected?",
        "Could this be refunded?",
        "Can the technician come earlier?",
        "Could we make it Tuesday instead?",
        "Could you extend the deadline until Friday?",
        "Please change the delivery date to the fourth.",
        "Please create a new invoice without the tax.",
        "Would you consider a partial refund?",
        "How about a refund then?",
    ],
)
def test_a_step_in_the_own_case_is_none(text: str) -> None:
    assert not is_suggestion(text)


@pytest.mark.parametrize(
    "text",
    [
        "The next number should be 1234.",
        "It ought to be ten euros.",
        "The total should be zero.",
        "The photo is not where the photo should be.",
        "This should simply work.",
        "I'd have thought this should work.",
        "The driver should have rung the bell.",
        "The light should turn green and it stays red.",
        "You should find the photos attached.",
    ],
)
def test_what_was_expected_to_be_so_is_none(text: str) -> None:
    assert not is_suggestion(text)


@pytest.mark.parametrize(
    "text",
    [
        "I would like to get it sorted.",
        "I'd like it off my list.",
        "I'd like my money back.",
        "We'd like to have the chair replaced.",
        "I just want to be able to use my card.",
        "It would be great if this could be solved today.",
        "A short reply would be nice.",
        "Yes, either would be really helpful, thanks.",
        "Tomorrow at ten would be good.",
    ],
)
def test_a_wish_for_the_own_case_is_none(text: str) -> None:
    assert not is_suggestion(text)


@pytest.mark.parametrize(
    "text",
    [
        "Suggestion: a read-only user for our accountant.",
        "Some kind of login for her would be a godsend.",
        "A guest pass or something would help.",
        "There must be a better way to do this.",
        "Why is there no search in the archive?",
        "Why isn't there a button for that?",
        "How hard would it be to add a second address?",
        "Most banks let you do this online.",
        "What I miss is a calendar view.",
        "The only thing missing is an export to a spreadsheet.",
        "All it needs is a second language.",
        "If only there were a list of all open orders.",
        "Have you thought about a monthly plan?",
        "Any plans for a tablet version?",
        "May I suggest a shorter form?",
        "Could the app remember the last choice?",
        "A few pictures in the manual wouldn't hurt.",
    ],
)
def test_an_idea_named_as_a_thing_or_a_want_is_a_suggestion(text: str) -> None:
    assert is_suggestion(text)


@pytest.mark.parametrize(
    ("idea", "errand"),
    [
        ("Can you add a night mode?", "Can you add the discount to my order?"),
        ("Could prices be shown with tax?", "Could my seat be changed?"),
        ("I'd recommend adding a second queue.", "I'd recommend that shop to anyone who asks."),
        ("The button should be bigger.", "The balance should show 50 euros."),
        ("It should be possible to pay by card at the door.", "It should already be in your system."),
        ("I'd like to be able to choose the day of delivery.", "I would like to be able to log in again."),
        ("Please stop changing the menu every month.", "Please stop calling me."),
        ("Please let customers see the queue.", "Please keep my seat."),
    ],
)
def test_the_same_words_are_an_idea_for_all_and_an_errand_for_one(idea: str, errand: str) -> None:
    assert is_suggestion(idea)
    assert not is_suggestion(errand)
