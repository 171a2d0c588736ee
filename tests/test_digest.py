"""The weekly digest: what it says, that it says it twice alike, and that nothing a customer wrote acts in it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from metrics.mask import mask, passes_iban, passes_luhn
from pipelines.digest.addresses import Addresses
from pipelines.digest.build import build
from pipelines.digest.content import Bar, Cell, Digest, Key, Line, Quote, Row, Section
from pipelines.digest.ledger_rows import bar
from pipelines.digest.moved import NOT_COMPARED, NOTHING_MOVED
from pipelines.digest.render import as_md, render_html, render_md
from pipelines.digest.voices import LONGEST_QUOTE, shorten
from tests.made_weeks import Talk, publish
from warehouse.errors import HeardError, NoData
from warehouse.rights import Rights
from warehouse.settings import Settings
from warehouse.store import Version

HOSTILE = (
    'Nice. <img src=x onerror=alert(1)> <script>alert(2)</script> =HYPERLINK("x") ![p](/a.png) **b** [l](javascript:alert(1))'
    " {{ 7*7 }} | a | `code` </td></table> <style>*{display:none}</style> &lt;b&gt;"
)


HERE = Addresses("http://127.0.0.1:8501", Rights())


def digest_of(**changes: object) -> Digest:
    whole = Digest(
        week="2026-W47",
        dates="Week 47, 16 to 22 November 2026",
        organisation="",
        is_demo=False,
        subject="Heard, week 47 of 2026",
        answer="Customers tick 85 % satisfied.",
        more="",
        basis="120 conversations",
        rows=(),
        scales="",
        sections=(Section("moved", NOTHING_MOVED),),
        coverage=(),
        caveats=(),
        url="http://127.0.0.1:8501/",
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def section(digest: Digest, key: Key) -> Section:
    found = digest.section(key)
    assert found is not None
    return found


def shown(html: str) -> str:
    """The words of a page as a reader sees them, on one line."""
    tree = LexborHTMLParser(html)
    for node in tree.css("head, .preheader"):
        node.decompose()
    assert tree.body is not None
    return " ".join(tree.body.text(separator=" ").split())


# Masking


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("write to jo.doe+x@mail.example.co.uk.", "write to [e-mail]."),
        ("call +49 (0)30 1234-567 now", "call [phone] now"),
        ("or 555-123-4567, or 5551234567", "or [phone], or [phone]"),
        ("(020) 7946 0958", "[phone]"),
        ("card 4111 1111 1111 1111, exp 12/27", "card [card], exp 12/27"),
        ("card 4111-1111-1111-1111", "card [card]"),
        ("IBAN DE89 3704 0044 0532 0130 00 please", "IBAN [IBAN] please"),
        ("iban gb29nwbk60161331926819", "iban [IBAN]"),
        ("see https://shop.example/reset?key=1 and www.shop.example", "see [link] and [link]"),
        ("@orders_help you never answer", "[handle] you never answer"),
        ("Hi Maria, it broke again", "Hi [name], it broke again"),
        ("dear Mr. Okafor we are sorry", "dear Mr. [name] we are sorry"),
        ("Thanks Priya Shah, all good", "Thanks [name], all good"),
        ("Hey, J\u00fcrgen!", "Hey, [name]!"),
        ("I spoke to Anne-Marie yesterday", "I spoke to [name] yesterday"),
        ("My name is Se\u00e1n O'Brien and it is late", "My name is [name] and it is late"),
        ("This is Tom from the depot", "This is [name] from the depot"),
        ("It works. Kind regards, Ama Mensah", "It works. Kind regards, [name]"),
    ],
)
def test_personal_data_becomes_words(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "since 2026-11-16 10:30, order 12345678",
        "on 16.11.2026 or 11/16/2026",
        "it took 3 days, 10-15 minutes, 1,299.99",
        "in 2024-2025 we paid 40 a month",
        "version 3.11.2 on 2 machines",
        "Hi Team, thanks Everyone, Dear Sir",
        "Hi, My parcel is late. Thanks for that.",
        "Hello I want my money, thanks again",
        "2 @ 5 each, thanks",
        "I spoke to your colleague and an agent",
        "This is late from the start, best price",
    ],
)
def test_dates_amounts_short_numbers_and_other_words_stay(text: str) -> None:
    assert mask(text) == text


def test_a_long_number_that_is_no_card_is_still_not_shown() -> None:
    assert not passes_luhn("4111111111111112")
    assert not re.search(r"\d", mask("4111 1111 1111 1112"))


def test_check_digits() -> None:
    assert passes_luhn("4111111111111111") and passes_luhn("378282246310005")
    assert passes_iban("DE89370400440532013000") and not passes_iban("DE89370400440532013001")


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_masking_never_fails_and_does_not_change_twice(text: str) -> None:
    once = mask(text)
    assert mask(once) == once


def test_a_number_is_masked_before_a_long_quote_is_cut() -> None:
    text = "word " * ((LONGEST_QUOTE - 8) // 5) + "4111 1111 1111 1111 and more words after it"
    assert len(shorten(text)) <= LONGEST_QUOTE
    assert not re.search(r"\d", shorten(text))


# Rendering


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (0.17, "share", Bar(0, 17)),
        (0.0, "share", Bar(0, 0)),
        (1.0, "share", Bar(0, 100)),
        (24.0, "net", Bar(50, 12)),
        (-0.24, "mood", Bar(38, 12)),
        (-100.0, "net", Bar(0, 50)),
        (11.0, "minutes", None),
        (812.0, "count", None),
    ],
)
def test_a_bar_encodes_the_printed_number_or_is_not_there(
    value: float, unit: str, expected: Bar | None
) -> None:
    drawn = bar(value, unit)  # type: ignore[arg-type]
    assert drawn == expected
    assert drawn is None or drawn.before + drawn.filled + drawn.after == 100


def test_the_page_draws_the_bar_of_its_number() -> None:
    cell = Cell("Left worse", "12 %", "", "n = 412", Bar(0, 12))
    plain = Cell("First reply time", "11 min", "", "n = 90")
    html = render_html(digest_of(rows=(Row("Are they satisfied?", (plain,), (cell,)),)))
    bars = LexborHTMLParser(html).css("table.bar")
    assert len(bars) == 1
    assert [(td.attributes["bgcolor"], td.attributes["width"]) for td in bars[0].css("td")] == [
        ("#C4622D", "12%"),
        ("#E4E0D8", "88%"),
    ]


def test_hostile_text_stays_text_in_the_page() -> None:
    url = HERE.conversation('"><script>x</script>')
    quote = Quote(HOSTILE, HOSTILE, HOSTILE, url, ((HOSTILE, HOSTILE),))
    line = Line(HOSTILE, "http://127.0.0.1:8501/", HOSTILE, HOSTILE)
    cell = Cell(HOSTILE, HOSTILE, HOSTILE, HOSTILE, Bar(0, 50), target=HOSTILE, url=url)
    html = render_html(
        digest_of(
            organisation=HOSTILE,
            subject=HOSTILE,
            answer=HOSTILE,
            more=HOSTILE,
            rows=(Row(HOSTILE, (cell,), (cell,)),),
            sections=(Section("ideas", HOSTILE, HOSTILE, (line, quote), HOSTILE, url),),
            coverage=(HOSTILE,),
            caveats=(HOSTILE,),
            role="lead",
            teams=(HOSTILE,),
        )
    )
    tree = LexborHTMLParser(html)
    assert not tree.css("script, img, iframe, link, object, form, svg, b, code")
    assert len(tree.css("style")) == 1
    assert not [node for node in tree.css("*") for name in node.attributes if name.startswith("on")]
    assert all((node.attributes["href"] or "").startswith("http://127.0.0.1:8501/") for node in tree.css("a"))
    assert "{{ 7*7 }}" in html and shown(html).count(" ".join(HOSTILE.split())) == 29


def test_hostile_text_stays_text_in_markdown() -> None:
    text = render_md(
        digest_of(sections=(Section("worth", "Said", items=(Quote("why", HOSTILE, "Billing", None),)),))
    )
    assert r"\<script\>alert(2)\</script\>" in text
    assert re.sub(r"\\(.)", r"\1", text).count(HOSTILE) == 1
    bare = re.sub(r"\\.", "", text).replace(
        "](<http://127.0.0.1:8501/>)", ""
    )  # without escaped signs and our link
    assert not re.search(r"[<`|*_~]|!\[|\]\(", bare)


@pytest.mark.parametrize(
    "opener", ["# x", "- x", "+ x", "1. x", "12) x", "> x", "=== x", "| x", "* x", "```x", "    x"]
)
def test_no_text_opens_a_block(opener: str) -> None:
    line = as_md(opener)
    assert line.startswith("\\") or re.match(r"\d+\\", line) or line == "x"


def test_a_text_of_many_lines_stays_one_line() -> None:
    assert "\n" not in as_md("a\n\n# b\r\n- c\u2028d\u202ee")


def test_the_page_is_small_self_contained_and_table_laid() -> None:
    html = render_html(digest_of(is_demo=True))
    tree = LexborHTMLParser(html)
    assert len(html.encode()) < 100_000
    assert "url(" not in html and "@import" not in html and "src=" not in html
    page, preheader = tree.css("table.page")[0].attributes, tree.css(".preheader")[0].attributes
    assert page["width"] == "600" and "background-color" in (page["style"] or "")
    assert "display: none" in (preheader["style"] or "")
    assert "prefers-color-scheme: dark" in html


def test_demo_data_is_marked_in_both_forms() -> None:
    for is_demo in (True, False):
        digest = digest_of(is_demo=is_demo)
        assert ("Demo data" in render_html(digest)) is is_demo
        assert ("Demo data" in render_md(digest)) is is_demo


def test_a_ticket_id_can_not_break_out_of_its_link() -> None:
    assert HERE.conversation("a&c=b /#?") == f"{HERE.base}/conversations?c=a%26c%3Db%20%2F%23%3F"


# Building

MONDAY = date(2026, 11, 16)


def two_weeks() -> list[Talk]:
    before = [Talk(day=date(2026, 11, 10), team="Billing", rated=True, nps=8) for _ in range(40)]
    now = [
        Talk(day=date(2026, 11, 18), team="Billing", rated=True, nps=3, arrival=0.3, after=-0.5)
        for _ in range(40)
    ]
    return [
        *before,
        *now,
        Talk(
            day=date(2026, 11, 19),
            rated=True,
            arrival=0.3,
            after=-0.9,
            words_after=f"It broke again. {HOSTILE}",
        ),
        Talk(
            day=date(2026, 11, 19),
            stance="warn",
            words_after="I will tell all my friends to stay away, jo@doe.example knows why.",
        ),
        Talk(
            day=date(2026, 11, 19),
            arrival=-0.8,
            after=0.9,
            words_after="You turned this round, thank you so very much!",
        ),
        Talk(
            day=date(2026, 11, 19),
            idea="passed_over",
            words_idea="Please add the order number, call +49 30 1234567.",
        ),
        Talk(day=date(2026, 11, 19), idea="heard", words_idea="A dark mode would be lovely to have."),
    ]


@pytest.fixture(scope="module")
def two_weeks_stored(tmp_path_factory: pytest.TempPathFactory) -> Version:
    return publish(tmp_path_factory.mktemp("two-weeks"), two_weeks())


@pytest.fixture(scope="module")
def second_week(two_weeks_stored: Version) -> Digest:
    return build(two_weeks_stored, "2026-W47", Settings())


def test_the_digest_tells_the_week_against_the_one_before(second_week: Digest) -> None:
    digest = second_week
    assert digest.dates == "Week 47, 16 to 22 November 2026" and digest.basis == "45 conversations"
    assert "100 % satisfied" in digest.answer and "100 % left worse" in digest.answer
    satisfied = next(row for row in digest.rows if row.question == "Are they satisfied?")
    worse = next(cell for cell in satisfied.conversations if "worse" in cell.title.lower())
    assert worse.value == "91 %" and worse.bar == Bar(0, 91)
    assert "+91.1 pts, worse; beyond noise" in worse.change and "n = 45" in worse.basis
    assert any(
        line.text.startswith("Billing") and "column=left_worse" in (line.url or "")
        for line in section(digest, "moved").items
    )
    assert "allowing for how many" in section(digest, "moved").rule


def test_what_is_quoted_is_masked_linked_and_said_once(second_week: Digest) -> None:
    fine, saved, worth = (section(second_week, key) for key in ("looks_fine", "saves", "worth"))
    assert fine.title == "One conversation looks fine and isn't"
    assert [quote.text for quote in fine.items] == [
        "I will tell all my friends to stay away, [e-mail] knows why."
    ]
    assert saved.title == "One conversation was turned around"
    (save,) = (quote for quote in saved.items if isinstance(quote, Quote))
    assert save.then[-1] == ("how it ended", "You turned this round, thank you so very much!")
    assert [(quote.why, quote.text[:15]) for quote in worth.items if isinstance(quote, Quote)] == [
        ("Ticked satisfied, left worse than they came", "It broke again.")
    ]
    assert [quote.url for one in (fine, saved, worth) for quote in one.items] == [
        f"http://127.0.0.1:8501/conversations?c={ticket}&source=made" for ticket in ("81", "82", "80")
    ]


def test_ideas_nobody_answered_are_quoted_and_counted(second_week: Digest) -> None:
    ideas = section(second_week, "ideas")
    assert ideas.title == "Ideas nobody answered" and ideas.lead.startswith("1 of the 2 ideas")
    assert [idea.text for idea in ideas.items] == ["Please add the order number, call [phone]."]


def test_the_same_week_twice_gives_the_same_bytes(tmp_path: Path, second_week: Digest) -> None:
    again = build(publish(tmp_path, two_weeks()), "2026-W47", Settings())
    assert again == second_week
    assert render_html(again) == render_html(second_week) and render_md(again) == render_md(second_week)


def test_links_lead_to_the_address_that_readers_use(two_weeks_stored: Version) -> None:
    digest = build(two_weeks_stored, "2026-W47", Settings(), base_url="https://heard.example/")
    links = [node.attributes["href"] or "" for node in LexborHTMLParser(render_html(digest)).css("a")]
    assert len(links) >= 6 and all(link.startswith("https://heard.example/") for link in links)
    assert "https://heard.example/?from=2026-11-16&to=2026-11-22" in links


def test_a_built_digest_is_mail_safe_and_says_the_same_in_both_forms(two_weeks_stored: Version) -> None:
    digest = build(two_weeks_stored, "2026-W47", Settings(), is_demo=True)
    html, text = render_html(digest), render_md(digest)
    assert len(html.encode()) < 100_000
    assert not LexborHTMLParser(html).css("script, img, link, iframe")
    plain = " ".join(re.sub(r"\\(.)", r"\1", text).split())
    for words in (
        digest.answer,
        *(one.title for one in digest.sections),
        section(digest, "looks_fine").items[0].text,
        section(digest, "ideas").lead,
        digest.caveats[-1],
    ):
        assert words in shown(html) and words in plain
    assert digest.subject.startswith("Demo: ")


def test_the_first_week_has_nothing_to_compare_with(two_weeks_stored: Version) -> None:
    digest = build(two_weeks_stored, "2026-W46", Settings())
    assert "first week" in section(digest, "moved").lead and section(digest, "moved").rule == ""
    assert all(cell.change == "" for row in digest.rows for cell in (*row.scores, *row.conversations))


def test_a_change_from_too_few_is_not_told_as_a_rate(tmp_path: Path) -> None:
    talks = [Talk(day=date(2026, 11, 10), rated=True) for _ in range(29)]
    talks += [Talk(day=date(2026, 11, 18), rated=True, nps=9) for _ in range(40)]
    digest = build(publish(tmp_path, talks), "2026-W47", Settings())
    assert digest.rows[0].scores[0].change == "too few the week before (n = 29)"
    assert digest.rows[1].scores[0].change == "not measured the week before"
    assert section(digest, "moved").rule.startswith("No figure could be compared")


def test_nothing_moved_is_a_finding(tmp_path: Path) -> None:
    talks = [Talk(day=day, rated=True) for day in (date(2026, 11, 10), date(2026, 11, 18)) for _ in range(40)]
    digest = build(publish(tmp_path, talks), "2026-W47", Settings())
    assert section(digest, "moved").title == NOTHING_MOVED and not section(digest, "moved").items


def test_an_empty_week_says_so(tmp_path: Path) -> None:
    talks = [Talk(day=date(2026, 11, 3)), Talk(day=date(2026, 11, 20))]
    digest = build(publish(tmp_path, talks), "2026-W46", Settings())
    assert (
        digest.answer == "There are no conversations in this period." and digest.basis == "no conversations"
    )
    assert all(
        cell.value == "not measured" for row in digest.rows for cell in (*row.scores, *row.conversations)
    )
    assert not [item for one in digest.sections for item in one.items]
    assert "no conversations" in shown(render_html(digest)) and "no conversations" in render_md(digest)


def test_a_small_week_shows_no_rates(tmp_path: Path) -> None:
    digest = build(
        publish(tmp_path, [Talk(day=MONDAY, rated=True) for _ in range(29)]), "2026-W47", Settings()
    )
    cells = [cell for row in digest.rows for cell in (*row.scores, *row.conversations)]
    assert {cell.value for cell in cells} <= {"too few", "not measured"}
    assert not [cell for cell in cells if cell.bar]
    assert any(line.startswith("Fewer than 30") for line in digest.caveats)
    # A table of what is not told says nothing: the sections and the caveats stand alone.
    assert not digest.has_figures and "Scores say" not in shown(render_html(digest)) + render_md(digest)


def test_too_few_to_compare_is_not_told_as_nothing_moved(tmp_path: Path) -> None:
    talks = [Talk(day=day, rated=True) for day in (date(2026, 11, 10), date(2026, 11, 18)) for _ in range(10)]
    moved = section(build(publish(tmp_path, talks), "2026-W47", Settings()), "moved")
    assert moved.title == NOT_COMPARED and moved.rule.startswith("No figure could be compared")


@pytest.mark.parametrize(
    ("week", "day", "dates", "before"),
    [
        ("2026-W53", date(2027, 1, 2), "Week 53, 28 December 2026 to 3 January 2027", date(2026, 12, 21)),
        ("2027-W01", date(2027, 1, 4), "Week 1, 4 to 10 January 2027", date(2027, 1, 3)),
        ("2026-W49", date(2026, 12, 5), "Week 49, 30 November to 6 December 2026", date(2026, 11, 29)),
    ],
)
def test_weeks_over_the_ends_of_years_and_months(
    tmp_path: Path, week: str, day: date, dates: str, before: date
) -> None:
    talks = [Talk(day=when, rated=True) for when in (before, day) for _ in range(30)]
    digest = build(publish(tmp_path, talks, as_of="2027-02-01T00:00:00+00:00"), week, Settings())
    assert digest.dates == dates and digest.basis == "30 conversations"
    assert digest.rows[0].scores[0].change == "no change; within noise"


@pytest.mark.parametrize("week", ["2025-W53", "2026-W54", "2026-W00", "2026-47", "../../etc", ""])
def test_a_week_that_does_not_exist_is_refused(tmp_path: Path, week: str) -> None:
    with pytest.raises(HeardError, match="not an ISO week"):
        build(publish(tmp_path, [Talk(day=MONDAY)]), week, Settings())


@pytest.mark.parametrize("week", ["2026-W46", "2026-W48"])
def test_a_week_outside_the_data_names_those_that_are_in_it(tmp_path: Path, week: str) -> None:
    with pytest.raises(NoData, match="2026-11-16 to 2026-11-16") as caught:
        build(publish(tmp_path, [Talk(day=MONDAY)]), week, Settings())
    assert caught.value.fix == "name a week from 2026-W47 to 2026-W47"


def test_an_empty_store_says_what_to_type(tmp_path: Path) -> None:
    with pytest.raises(NoData, match="no conversations"):
        build(publish(tmp_path, []), "2026-W47", Settings())


@pytest.mark.parametrize(
    ("as_of", "caveat"),
    [
        ("2026-11-19T12:00:00+00:00", "It is compared with the same days of the week before."),
        ("2026-11-25T12:00:00+00:00", "and the week before is told as it was known at the same age."),
        ("2026-12-25T12:00:00+00:00", None),
    ],
)
def test_a_week_that_is_cut_or_still_ripening_says_so(tmp_path: Path, as_of: str, caveat: str | None) -> None:
    lines = build(publish(tmp_path, [Talk(day=MONDAY)] * 30, as_of=as_of), "2026-W47", Settings()).caveats
    told = [line for line in lines if "not final" in line or "The week is cut" in line]
    assert (told == []) if caveat is None else (len(told) == 1 and told[0].endswith(caveat))
