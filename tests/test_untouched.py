"""A body that is said to hold nothing to clean comes out of cleaning as it went in."""

from __future__ import annotations

import random
import string

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.text import clean as cleaning
from metrics.text import quoted
from metrics.text.clean import clean
from metrics.text.untouched import untouched

# What cleaning looks for, in all cases, and what may stand around it.
PIECES = [
    *cleaning.AUTOMATIC_WORDS, *cleaning.ABSENT_WORDS, *quoted._SENDERS,
    "On Mon, Ann wrote:", "> quoted", "From: a@example.com", "-----Original Message-----", "##- above -##", "--", "—",
    "––", "Sent from my phone", "Get Outlook for iOS", "Kind regards,", "Best,", "Regards", "Yours sincerely",
    "Mit freundlichen Grüßen", "Viele Grüße", "Cordialement", "Un cordial saludo", "saludos", "Met vriendelijke groet",
    "Atenciosamente", "Bien à vous", "Von meinem Telefon gesendet", "Diese Nachricht wurde von meinem Gerät gesendet",
    "Envoyé de mon téléphone", "Enviado desde mi teléfono", "Inviato dal mio telefono", "Verzonden vanaf mijn telefoon",
    "This is an automated reply", "I am out of the office until Monday", "your request has been received and is",
    "Ann Example", "Works now.", "Thanks!", "1234", "<p>", "<br>", "&amp;", "&", "\n", "\n\n", "\n\n\n", " \n", "\r\n",
    "\t", " ", "  ", "\u00a0", "\u200b", "\x00", "\x1f", "\u2028", "\u3000", "\u00ad", "\ufeff", "ı", "İ", "ſ", "K", "é", "😀",
    "DE ", "de", "Date", "Od", "От", "inicio", "début", "=", "*", "_", "#", ":", ": ", "a:", "Begin forwarded message:",
]  # fmt: skip


def _check(bodies: list[str]) -> int:
    plain = untouched(
        pl.Series(bodies, dtype=pl.String()), pl.Series([None] * len(bodies), dtype=pl.Boolean())
    )
    for body in pl.Series(bodies, dtype=pl.String()).filter(plain):
        found = clean(body)
        assert (found.text, found.kind) == (body.strip(" \n"), "message"), body
    return int(plain.sum())


def test_texts_made_of_what_cleaning_looks_for() -> None:
    rng = random.Random(7)
    bodies = [
        "".join(rng.choice(PIECES) + rng.choice(("", " ", "\n")) for _ in range(rng.randint(1, 6)))
        for _ in range(30_000)
    ]
    assert _check(bodies) > 500


def test_every_sign_alone_and_between_letters() -> None:
    signs = [chr(code) for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF]
    every = [f"a{signs[start]}b\nc" for start in range(0x3100)]
    assert _check(every) > 5_000
    assert _check(signs[:0x3100]) > 5_000


def test_each_letter_case_of_a_marked_word() -> None:
    rng = random.Random(3)
    bodies = []
    for piece in PIECES:
        for _ in range(40):
            bodies.append("Hello\n" + "".join(rng.choice((c.lower(), c.upper(), c)) for c in piece) + "\nBye")
    assert _check(bodies) > 100


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.text(), max_size=20), st.lists(st.text(string.printable), max_size=20))
def test_any_text(some: list[str], others: list[str]) -> None:
    _check(some + others)


def test_most_plain_words_are_told_as_such() -> None:
    bodies = [
        "Where is my parcel? It was due on Monday.",
        "Thanks.\nIt works now.",
        "Über 3 Tage, ärgerlich!",
    ]
    assert _check(bodies) == 3


def test_what_may_be_html_or_is_missing_is_not() -> None:
    bodies = pl.Series(["a < b", "plain", None, "plain"])
    is_html = pl.Series([None, True, False, False])
    assert untouched(bodies, is_html).to_list() == [False, False, False, True]
