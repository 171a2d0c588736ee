"""Themes of ideas: what the rule makes of words, that an idea keeps its theme, and what people's merges and splits change."""

from __future__ import annotations

import polars as pl
import pytest

from metrics.idea_themes import Split, by_rule, common, followed, names, near, settled
from metrics.idea_words import telling

SAID = (
    ("a", "Any chance of an accountant login?"),
    ("b", "I'd love my accountants to see the reports."),
    ("a", "Please add an accountant login!"),
    ("c", "Why not a dark mode?"),
    ("c", "You could let the ACCOUNTANT sign in."),
    ("d", "A dark theme would be kind."),
    ("e", "Dark please, and an accountant login."),
    ("f", "It would be great in the dark."),
    ("g", "A dark mode, with sounds."),
)  # fmt: skip


def _frame(said: tuple[tuple[str, str], ...] = SAID) -> pl.DataFrame:
    frame = pl.DataFrame(
        {
            "source": "desk", "suggestion_id": [f"{at:03}" for at in range(len(said))], "said_at": range(len(said)),
            "subject": [f"s{at}" for at in range(len(said))], "customer": [one for one, _ in said],
            "words": pl.Series([text for _, text in said], dtype=pl.String),
        }
    ).with_columns(words=telling(pl.col("words")))  # fmt: skip
    word = by_rule(frame["customer"].to_list(), frame["words"].to_list())
    return frame.with_columns(pl.Series("word", word, dtype=pl.String()))


def _themes(said: tuple[tuple[str, str], ...] = SAID) -> list[str | None]:
    return _frame(said)["word"].to_list()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("It'd be great if you could add bills for the tills", ["bill", "till"]),
        ("PLEASE let us pay; we'd pay for VAT glass", ["pay", "vat", "glass"]),
        ("Bitte eine Rechnung für mehrere Länder", ["bitte", "eine", "rechnung", "für", "mehrere", "länder"]),
        ("<script>alert('x')</script> =1+1", ["script", "alert"]),
        ("?!", []),
    ],
)
def test_telling_words_say_what_an_idea_is_about(text: str, words: list[str]) -> None:
    assert pl.DataFrame({"text": [text]}).select(telling(pl.col("text")))["text"][0].to_list() == words


def test_three_customers_with_one_word_found_a_theme() -> None:
    """Two ideas of one customer count once; until the third customer the ideas are in no theme."""
    assert _themes(SAID[:3]) == [None, None, None]
    assert _themes(SAID[:5]) == ["accountant", "accountant", "accountant", None, "accountant"]


def test_an_idea_keeps_its_theme_when_others_arrive() -> None:
    """Whatever comes later, an idea that stands in a theme stays there."""
    whole = _themes(SAID * 3)
    for count in range(1, len(SAID) * 3):
        for then, now in zip(_themes((SAID * 3)[:count]), whole, strict=False):
            assert then is None or then == now


def test_the_longest_word_decides_between_themes() -> None:
    assert _themes((*SAID, ("h", "Dark mode and accountant access")))[-1] == "accountant"


def test_a_theme_is_called_by_the_words_that_came_with_it_first() -> None:
    frame = settled(_frame(), (), {}, {})
    assert names(frame, {}) == {"accountant": "Accountant: login", "dark": "Dark: mode"}
    assert names(frame, {"dark": "At night"})["dark"] == "At night"
    later = tuple((f"z{at}", "The accountant wants colours and sounds") for at in range(60))
    more = settled(_frame((*SAID * 5, *later)), (), {}, {})
    assert names(more, {})["accountant"].startswith("Accountant: login")


def test_merged_split_and_moved_ideas_leave_the_rule() -> None:
    """A split holds a word, so that ideas to come follow it; what was moved by hand wins; merges come last."""
    frame = _frame()
    split = settled(frame, (Split("dark mode", "dark", "mode"),), {}, {})
    assert split.filter(pl.col("theme") == "dark mode")["suggestion_id"].to_list() == ["003", "008"]
    assert names(split, {})["dark mode"] == "Dark mode"
    moved = settled(frame, (), {"s3": "made:Night", "s0": ""}, {})
    assert moved["theme"].to_list()[:4] == [None, "accountant", "accountant", "made:Night"]
    assert names(moved, {})["made:Night"] == "Night"
    merged = settled(frame, (), {"s3": "made:Night"}, {"dark": "accountant", "made:Night": "dark"})
    assert set(merged["theme"].drop_nulls()) == {"accountant"}


def test_merging_in_a_circle_ends() -> None:
    assert followed("a", {"a": "b", "b": "a"}) == "b"
    assert followed("a", {}) == "a"
    assert followed("a", {"a": "b", "b": "c"}) == "c"


def test_what_may_be_one_theme_comes_first() -> None:
    frame = settled(_frame(), (), {}, {})
    assert near(frame, "dark") == {"accountant": 1} and near(frame, "accountant") == {"dark": 1}
    assert common(frame, "accountant")[0] == ("login", 2)
