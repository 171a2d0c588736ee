"""What a digest says holds of what it tells: endings after the answer, changes without a verdict, findings first."""

from __future__ import annotations

import json
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from pipelines.digest.build import LONGEST_SUBJECT, build
from pipelines.digest.content import Digest, Line, Quote, Section
from pipelines.digest.forms import form
from pipelines.digest.listed import MASKED
from pipelines.digest.ways import slack, teams
from tests.made_weeks import ARRIVED, Talk, publish
from tests.test_digest import digest_of
from warehouse.settings import Settings

BEFORE, DAY = date(2026, 11, 10), date(2026, 11, 18)
PLEASED = "You sorted that out beautifully."
SPECIFIC = "I am sorry that your blue kettle leaked on Tuesday."


def told(folder: Path, talks: list[Talk]) -> Digest:
    return build(publish(folder, talks), "2026-W47", Settings())


def quotes(digest: Digest, key: str) -> list[Quote]:
    return [
        item for one in digest.sections if one.key == key for item in one.items if isinstance(item, Quote)
    ]


def saved(**changes: object) -> Talk:
    return Talk(day=DAY, arrival=-0.8, after=0.9, words_after=PLEASED, **changes)  # type: ignore[arg-type]


def test_an_ending_comes_after_the_answer(tmp_path: Path) -> None:
    (save,) = quotes(told(tmp_path, [saved(stance="recommend", is_stance_first=True)]), "saves")
    assert save.text == ARRIVED and save.then == (("how it ended", PLEASED),)


def test_who_recommends_at_the_end_is_quoted_with_it(tmp_path: Path) -> None:
    (save,) = quotes(told(tmp_path, [saved(stance="recommend", last=("Thanks for all.", 0.95))]), "saves")
    assert save.then == (("how it ended", PLEASED),)


def test_a_save_with_unhappy_last_words_is_counted_and_not_listed(tmp_path: Path) -> None:
    digest = told(tmp_path, [saved(last=("It broke again.", -0.3)), saved(last=("All is well.", 0.2))])
    section = digest.section("saves")
    assert section is not None and section.title == "2 conversations were turned around"
    assert section.lead == "Of 2 that began unhappy or with leaving and could be followed."
    assert [quote.url for quote in quotes(digest, "saves")] == [
        "http://127.0.0.1:8501/conversations?c=1&source=made"
    ]


@pytest.mark.parametrize(
    ("sentence", "is_told"),
    [
        (SPECIFIC, True),
        ("We apologise for any inconvenience.", False),
        ("Your satisfaction is very important to us.", False),
        ("We hope that this answers your question.", False),
    ],
)
def test_a_formula_saved_nobody(tmp_path: Path, sentence: str, is_told: bool) -> None:
    (save,) = quotes(told(tmp_path, [saved(sign=(sentence, "apology", "specific"))]), "saves")
    assert [words for _, words in save.then] == ([sentence] if is_told else []) + [PLEASED]


def test_a_line_that_others_got_too_is_no_sign(tmp_path: Path) -> None:
    version = publish(tmp_path, [saved(sign=(SPECIFIC, "scripted", "copied"))])
    assert [words for _, words in quotes(build(version, "2026-W47", Settings()), "saves")[0].then] == [
        PLEASED
    ]


def test_within_noise_nothing_is_better_or_worse(tmp_path: Path) -> None:
    talks = [Talk(day=day, rated=n >= bad) for day, bad in ((BEFORE, 2), (DAY, 4)) for n in range(40)]
    digest = told(tmp_path, talks)
    assert digest.rows[0].scores[0].change == "−5.0 pts; within noise"


def test_the_subject_tells_the_finding_first_and_is_short(tmp_path: Path) -> None:
    talks = [Talk(day=DAY, rated=True, arrival=0.4, after=-0.6 if n < 8 else 0.4) for n in range(40)]
    whole = told(tmp_path, talks)
    assert whole.subject == "100 % tick satisfied, 20 % of them left worse · Heard, week 47"
    assert whole.preheader.startswith("That is 8 of the 40") and whole.preheader.endswith("compare with.")


def test_a_subject_of_few_conversations_tells_what_is_listed(tmp_path: Path) -> None:
    assert told(tmp_path, [saved()]).subject == "One conversation was turned around · Heard, week 47"


def test_a_subject_without_any_finding_tells_how_many_there_were(tmp_path: Path) -> None:
    digest = told(tmp_path, [Talk(day=DAY)])
    assert digest.subject == "1 conversation · Heard, week 47" and len(digest.subject) <= LONGEST_SUBJECT


def test_ideas_of_which_none_was_answered_are_said_so(tmp_path: Path) -> None:
    words = ("A map would help.", "Please add a search.")
    section = told(tmp_path, [Talk(day=DAY, idea="no_reply", words_idea=one) for one in words]).section(
        "ideas"
    )
    assert section is not None
    assert section.lead.startswith("None of the 2 ideas in this week's conversations was answered.")


def test_what_looks_fine_and_is_not_tells_how_long_and_quotes_no_pleased_words(tmp_path: Path) -> None:
    waited = Talk(day=DAY, after=0.8, words_after=PLEASED, later_wait_minutes=4 * 24 * 60, idea="no_reply")
    (fine,) = quotes(told(tmp_path, [waited]), "looks_fine")
    assert "aited 4 days for an answer" in fine.why and fine.text == "It would help to see the date."


def test_a_bound_over_the_whole_scale_is_left_out(tmp_path: Path) -> None:
    assert not [line for line in told(tmp_path, [Talk(day=DAY)] * 8).coverage if "anywhere" in line]


def test_what_is_masked_is_said_once(tmp_path: Path) -> None:
    digest = told(tmp_path, [saved(), Talk(day=DAY, idea="no_reply")])
    assert form(digest, "md").decode().count("Masked in quotes") == 1 and MASKED in digest.coverage


def test_without_rates_nothing_is_called_not_final_and_no_sheet_is_empty(tmp_path: Path) -> None:
    digest = build(
        publish(tmp_path, [Talk(day=DAY)], as_of="2026-11-25T12:00:00+00:00"), "2026-W47", Settings()
    )
    assert not [line for line in digest.caveats if "not final" in line]
    assert "Fewer than 30 conversations stand behind each figure" in digest.caveats[0]
    book = load_workbook(BytesIO(form(digest, "xlsx")))
    assert all(page.max_row > 1 for page in book)


def test_what_moved_stands_above_the_ledger(tmp_path: Path) -> None:
    talks = [Talk(day=day, rated=True) for day in (BEFORE, DAY) for _ in range(40)]
    text = form(told(tmp_path, talks), "text").decode()
    assert text.index("Nothing moved beyond noise") < text.index("Are they satisfied?")


def test_chat_tells_how_a_save_ended() -> None:
    said = slack.said(Quote("Saved", "It leaks.", "Orders", None, (("how it ended", "Lovely."),)))
    assert said == "Saved: “It leaks.” … how it ended: “Lovely.” Orders"


@pytest.mark.parametrize("length", [900, 9_000])
def test_a_card_that_is_too_long_keeps_the_doubts_and_says_what_it_left_out(length: int) -> None:
    sections = tuple(
        Section(key, f"Part {key}", items=tuple(Line("word " * (length // 5)) for _ in range(3)))
        for key in ("moved", "looks_fine", "saves", "worth", "ideas", "promises", "calls", "money", "read", "missing")
    )  # fmt: skip
    card = teams.payload(digest_of(sections=sections, caveats=("Doubt this.",)))
    assert len(card.encode()) <= teams.MOST_BYTES and json.loads(card)
    assert "To keep in mind: Doubt this." in card and "Left out here for want of room" in card
    assert "Part missing" in card and "Part moved" in card
