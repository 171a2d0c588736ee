"""Sentences: where they end in support talk, spans that lose nothing, and flags."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.text.language import language, readable
from metrics.text.sentences import LONGEST, flags, is_conditional, is_question, is_quoted, split


def _parts(text: str) -> list[str]:
    return [text[start:end] for start, end in split(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n\t ", []),
        ("It broke. Please help!", ["It broke.", "Please help!"]),
        ("it broke. please help", ["it broke.", "please help"]),
        ("I paid $3.50 for v. 2.0 today. Why?", ["I paid $3.50 for v. 2.0 today.", "Why?"]),
        (
            "Mr. Jones and Dr. Ito e.g. at 5 p.m. today called.",
            ["Mr. Jones and Dr. Ito e.g. at 5 p.m. today called."],
        ),
        ("We close at 5 p.m. Call later.", ["We close at 5 p.m.", "Call later."]),
        (
            "See https://a.example.com/x?y=1!z or write to a.b@c.example. Thanks",
            ["See https://a.example.com/x?y=1!z or write to a.b@c.example.", "Thanks"],
        ),
        ("Well... maybe. Hm... No", ["Well... maybe.", "Hm...", "No"]),
        ("What??? Really!!! Ok", ["What???", "Really!!!", "Ok"]),
        ("Thanks! :) \U0001f600 See you", ["Thanks! :) \U0001f600", "See you"]),
        ("Love it \U0001f60d The app rocks", ["Love it \U0001f60d", "The app rocks"]),
        ("Hi,\nit broke\n- one\n- two", ["Hi,", "it broke", "- one", "- two"]),
        ("1. Open it\n2. Close it", ["1. Open it", "2. Close it"]),
        (
            "this line was wrapped by the mail program because it is rather long\nand goes on here. Ok",
            ["this line was wrapped by the mail program because it is rather long\nand goes on here.", "Ok"],
        ),
        (
            "this line was not wrapped although it is rather long as you can see\n\nand this is new",
            ["this line was not wrapped although it is rather long as you can see", "and this is new"],
        ),
        ('She asked "Why?" and left. Then: "No."', ['She asked "Why?" and left.', 'Then: "No."']),
        ("Not me!Fix it", ["Not me!", "Fix it"]),
        ("\u4f60\u597d\u3002\u8c22\u8c22\uff01", ["\u4f60\u597d\u3002", "\u8c22\u8c22\uff01"]),
        ("Order no. 5 is late. No. Not ok.", ["Order no. 5 is late.", "No.", "Not ok."]),
    ],
)
def test_where_sentences_end(text: str, expected: list[str]) -> None:
    assert _parts(text) == expected


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.sampled_from("aB1 .!?\n\t,\"')(\u2026\U0001f600-:\u00e9"), max_size=200))
def test_spans_are_ordered_trimmed_and_lose_nothing(text: str) -> None:
    spans = split(text)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(end <= following for (_, end), (following, _) in pairwise(spans))
    assert all(
        part == part.strip() and "\n\n" not in part.replace(" ", "").replace("\t", "")
        for part in _parts(text)
    )
    assert "".join("".join(_parts(text)).split()) == "".join(text.split())


@pytest.mark.parametrize("text", ["word " * 1_000, "x" * 5_000, "clause one, and so on; " * 200])
def test_long_sentences_are_cut(text: str) -> None:
    parts = _parts(text)
    assert max(map(len, parts)) <= LONGEST
    assert "".join("".join(parts).split()) == "".join(text.split())


@pytest.mark.parametrize(
    "text",
    [
        "!" * 300_000,
        "a." * 200_000,
        "\n" * 300_000,
        "a " * 300_000,
        "\U0001f600" * 200_000,
        '"' * 300_000,
        ". " * 200_000,
        "!x" * 200_000,
    ],
)
def test_time_is_linear(text: str) -> None:
    start = time.process_time()
    split(text)
    assert time.process_time() - start < 4


@pytest.mark.parametrize(
    "text",
    [
        "When will it come?",
        "any news",
        "Can you help me",
        "ok so where is my parcel",
        "Really?! \U0001f620",
        "Hi, could you check",
    ],
)
def test_questions(text: str) -> None:
    assert is_question(text)


@pytest.mark.parametrize(
    "text", ["What a mess.", "It works.", "I know why", "Would be nice to have", "How annoying!", ""]
)
def test_no_questions(text: str) -> None:
    assert not is_question(text)


def test_quoted_and_reported_words() -> None:
    assert is_quoted('"We will refund you."')
    assert is_quoted("\u201cYour order is on its way\u201d")
    assert is_quoted("The agent told me it was my fault.")
    assert is_quoted("I was told it would be free")
    assert not is_quoted('The "save" button is broken')
    assert not is_quoted("I'm angry.")


def test_conditionals() -> None:
    assert all(
        map(
            is_conditional,
            [
                "If you had told me",
                "I would have stayed",
                "unless it works",
                "Had I known",
                "I\u2019d stay if it worked",
            ],
        )
    )
    assert not any(map(is_conditional, ["It works", "I would like a refund", "I had a problem"]))
    assert flags("Would it have worked if I paid?") == (True, False, True)


@pytest.mark.parametrize(
    ("text", "code", "can_read"),
    [
        ("ok thanks!!", "en", True), ("any news??", "en", True), ("lol", None, True), ("ok \U0001f44d", None, True),
        ("My order has not arrived yet", "en", True), ("Wo ist mein Paket?", "de", False), ("Muchas gracias", "es", False),
        ("Je n'arrive pas \u00e0 me connecter", "fr", False), ("Ik kan niet inloggen", "nl", False),
        ("N\u00e3o consigo entrar na conta", "pt", False), ("Non riesco ad accedere", "it", False),
        ("\u0441\u043f\u0430\u0441\u0438\u0431\u043e", None, False), ("", None, None), ("123 :)", None, None), ("https://example.com/de/der-die-das", None, True),
    ],
)  # fmt: skip
def test_languages(text: str, code: str | None, can_read: bool | None) -> None:
    assert (language(text) == code) if code else (language(text) in (None, "ru"))
    assert readable(text) is can_read
