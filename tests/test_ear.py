"""Ears: cut and heard piece by piece and remembered, a text gives what it gives as a whole and on its own."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from metrics.text import ear
from metrics.text.code import is_code
from metrics.text.cues import CueSet
from metrics.text.ear import Ear
from metrics.text.hear import cue_set, lexicon_names
from metrics.text.polarity import polarities
from metrics.text.sentences import flags, split

DEAF = Ear(CueSet([]), is_feeling=False)
WORDS = (
    "it works Thanks thanks. ok. Mr. etc. no. e.g. U.S. p.m. I'M. don't. approx. follow-up. 5. 1. #22. 3rd. Really? wow! "
    "why?! hm... Hm\u2026 :) XD xd. 8) <3 ^_^ (yes.) \"No.\" 'so' etc.) \u2019s \u00e9t\u00e9. \u4f60\u597d\u3002 "
    "\U0001f600 \u2764\ufe0f https://a.example.com/x?y=1!Z a@b.example. - * one-and-a-half-very-long-compound-word-to-wrap"
).split()
GAPS = (" ", "  ", "\n", "\n\n", " \n ", "", "\t", ". ", "! ", "? ", "\x1e", "\r\n", " " * 45)
texts = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(GAPS)), max_size=40).map(
    lambda parts: "".join(word + gap for word, gap in parts)
)


@settings(max_examples=400, deadline=None)
@given(texts)
@example("a line that the mail program of somebody broke at some width. yes\nand this goes on. Ok")
@example(f"First. {'w' * 50} abc\nand so it goes on")
@example(f"First. {'w' * 50} ab\nand so it does not")
@example(f"it \n it{' ' * 45}etc.  -\nit ")  # a line that is long by its indent alone
@example("I asked Mr. Foo. whether this is a long line that a program wrapped here\nand so it goes on")
@example("Well! Etc. and so on. no. 5 is late. plan b. 8) is a face. X marks it. XD is a laugh.")
def test_piece_by_piece_sentences_end_where_they_end_in_the_whole(text: str) -> None:
    heard = DEAF.hear(["", text, "Ok. " + text]).sentences
    for row, whole in ((1, text), (2, "Ok. " + text)):
        own = heard.filter(pl.col("row") == row)
        assert own.select("start", "end").rows() == split(whole)
        assert own["text"].to_list() == [whole[start:end] for start, end in split(whole)]
        assert own["sentence"].to_list() == list(range(len(own)))
    assert heard["polarity"].null_count() == heard.height


SAID = (
    "Hello Ines. Thank you so much! It would be great if the list could be sorted.",
    "It's not working. I would not recommend this to anyone.",
    "Thank you so much! it's not working \U0001f621\nI told you twice. Please add a search.",
)


def hear_all(
    made: Ear, batches: list[list[str]]
) -> list[tuple[list[tuple[object, ...]], list[tuple[object, ...]]]]:
    return [(heard.sentences.rows(), heard.hits.rows()) for heard in map(made.hear, batches)]


def test_what_is_remembered_or_forgotten_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    cues = cue_set(lexicon_names(), "customer")
    batches = [
        [SAID[number % 3], f"Order {number} is late. Order {number // 2} is not."] for number in range(40)
    ]
    alone = [hear_all(Ear(cues, is_feeling=True), [batch])[0] for batch in batches]
    assert hear_all(Ear(cues, is_feeling=True), batches) == alone
    for most in (0, 5, 20):
        monkeypatch.setattr(ear, "MOST_REMEMBERED", most)
        assert hear_all(Ear(cues, is_feeling=True), batches) == alone
    assert any(hits for _, hits in alone)


def test_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ear, "MOST_REMEMBERED", 50)
    made = Ear(CueSet([]), is_feeling=False)
    for number in range(100):
        made.hear(["Thank you. Bye now.", f"Order {number} came."])
        assert made.count_remembered <= 50 + 3


def test_a_sentence_feels_as_on_its_own_wherever_it_stands() -> None:
    heard = Ear(cue_set(lexicon_names(), "customer"), is_feeling=True).hear([" ".join(SAID), *SAID]).sentences
    for sentence in heard.iter_rows(named=True):
        assert sentence["polarity"] == polarities([sentence["text"]])[0]
        marks = tuple(sentence[name] for name in ("is_question", "is_quoted", "is_conditional"))
        assert marks == flags(sentence["text"])
    assert heard["polarity"].n_unique() > 3


CODE = [
    "2026-03-01 10:00:01 ERROR failed to connect, giving up",
    "Traceback (most recent call last):",
    'File "/srv/app/main.py", line 12, in <module>',
    "at com.example.app.Main.run(Main.java:42)",
    "java.lang.NullPointerException: null",
    "$ npm install --save broken",
    "if (x == null) { return; }",
    '{"error": "not_found", "code": 404}',
]


def test_code_and_logs_are_not_heard() -> None:
    text = "It is still not working, see below.\n" + "\n".join(CODE) + "\nThanks for nothing."
    heard = Ear(cue_set(lexicon_names(), "customer"), is_feeling=True).hear([text, "\n".join(CODE)])
    said = heard.sentences.filter(pl.col("row") == 0)
    assert said["text"].to_list() == ["It is still not working, see below.", "Thanks for nothing."]
    assert said["sentence"].to_list() == [0, 1]
    assert all(text[start:end] == words for start, end, words in said.select("start", "end", "text").rows())
    # A text that is nothing else is there, and neutral.
    alone = heard.sentences.filter(pl.col("row") == 1)
    assert alone.select("text", "polarity", "is_question").rows() == [(CODE[0], 0.0, False)]


@pytest.mark.parametrize(
    "text",
    [
        "Error when I log in: wrong password (I checked it twice).",
        "I paid $40 on 2026-03-01 and $12 in April.",
        "See https://shop.example.com/a?b=1&c=2 please.",
        "From the app I get nothing :(",
        "Order #12-34/56 (size: M) is late!!! <3",
        "At the shop they said (twice!) it was in stock.",
        "Import of my contacts fails.",
    ],
)
def test_prose_with_signs_is_no_code(text: str) -> None:
    assert not is_code(text)
