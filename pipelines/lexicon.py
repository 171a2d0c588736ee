"""What a cue would hit in the loaded conversations, before anybody adds it to heard.toml."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from metrics import registry
from metrics.text import lexicons
from metrics.text.cues import Cue, CueSet
from metrics.text.ear import Ear
from warehouse.settings import OwnCue
from warehouse.store import Version

CUT: Final = 20_000  # messages that are cut into sentences; of more a share chosen by their ids' hash
SHOWN: Final = 10  # sentences
# What is done to a text before cues are matched on it, as metrics.text.cues.fold does it.
_FOLDED: Final = "translate(lower(text), '\u2019\u2018\u02bc\u00a0\u000b', '''''''  ')"
_MARKS: Final = {
    "is_negated": "denied",
    "is_question": "a question",
    "is_quoted": "quoted",
    "is_conditional": "on a condition",
}
_FOUND: Final = f"""
WITH hit AS MATERIALIZED (
    SELECT turns.source, turns.ticket_id, turns.message_id FROM turns
    JOIN heard ON heard.source = turns.source AND heard.ticket_id = turns.ticket_id AND heard.is_readable
    WHERE list_contains(?, turns.role) AND (turns.turn IS NOT NULL OR turns.kind = 'survey')
      AND regexp_matches({_FOLDED}, ?)
), chosen AS (SELECT * FROM hit ORDER BY hash(source, ticket_id, message_id) LIMIT ?),
counted AS (SELECT count(*) AS count_messages, count(DISTINCT (source, ticket_id)) AS count_conversations FROM hit)
SELECT chosen.*, turns.text, counted.* FROM chosen JOIN turns USING (source, ticket_id, message_id), counted
ORDER BY hash(source, ticket_id, message_id)
"""
_SPOKEN: Final = {
    "customer": "true",  # what is readable was told by the customer's words
    "agent": "count_agent_turns > 0",
    "both": "true",
}
_SPEAKERS: Final = {"customer": ("customer",), "agent": ("agent",), "both": ("customer", "agent")}
_MESSAGE: Final = ["source", "ticket_id", "message_id"]


@dataclass(frozen=True)
class Said:
    """A sentence that the cue hits; `start` and `end` are the hit in it, `marks` what a signal may pass over it for."""

    source: str
    ticket_id: str
    text: str
    start: int
    end: int
    marks: tuple[str, ...]


@dataclass(frozen=True)
class Already:
    """A signal that has evidence in sentences that the cue hits, and in how many of them."""

    measure: str
    title: str
    count_sentences: int


@dataclass(frozen=True)
class Tried:
    """What a cue hits. Sentences, marks and what is there already are counted in `count_cut` of the messages."""

    cue: Cue
    count_conversations: int
    count_readable: int  # conversations in which the cue's speaker could be heard at all
    count_messages: int
    count_cut: int
    count_sentences: int
    count_passed_over: int  # of these: denied, asked, quoted or on a condition
    already: tuple[Already, ...]
    said: tuple[Said, ...]

    @property
    def share(self) -> float | None:
        """The share of the conversations that could be read; null where there is none."""
        return self.count_conversations / self.count_readable if self.count_readable else None

    def as_json(self) -> dict[str, Any]:
        """Plain values, with how the cue is written in heard.toml."""
        return {**asdict(self), "share": self.share, "heard_toml": spelled(self.cue)}


def cue_of(
    text: str, *, is_pattern: bool = False, lexicon: str = "", kind: str = "", speaker: str = "both"
) -> Cue:
    """The cue that a phrase or pattern makes. Raises BadSettings as heard.toml would, also on an unknown lexicon or kind."""
    words = (text,)
    own = OwnCue(
        lexicon=lexicon, kind=kind or "tried", speaker=speaker, note="tried",
        phrases=() if is_pattern else words, patterns=words if is_pattern else (),
    )  # fmt: skip
    file, where = Path("heard lexicon try"), "pattern" if is_pattern else "phrase"
    if lexicon:
        own = OwnCue(**{**asdict(own), "kind": kind or _only_kind(lexicon)})
        lexicons.check(file, where, own)
    return lexicons.own_cues(file, where, own)[0]


def _only_kind(lexicon: str) -> str:
    """The kind of a lexicon that has but one; empty where it has several, so that one is asked for."""
    kinds = lexicons.kinds_of(lexicon) if lexicon in lexicons.lexicon_names() else ()
    return kinds[0] if len(kinds) == 1 else ""


def tried(version: Version, cue: Cue, *, shown: int = SHOWN) -> Tried:
    """What the cue hits in the live data: the database finds the messages in one scan, and those are cut into sentences."""
    rows = version.query(_FOUND, [list(_SPEAKERS[cue.speaker]), _database_pattern(cue), CUT])
    readable = version.query(
        f"SELECT count(*) FROM heard WHERE is_readable AND ({_SPOKEN[cue.speaker]})"
    ).item()
    if rows.is_empty():
        return Tried(cue, 0, int(readable), 0, 0, 0, 0, (), ())
    said, first = _sentences(rows, cue), rows.row(0, named=True)
    return Tried(
        cue=cue,
        count_conversations=int(first["count_conversations"]),
        count_readable=int(readable),
        count_messages=int(first["count_messages"]),
        count_cut=rows.height,
        count_sentences=said.height,
        count_passed_over=said.filter(pl.col("marks").list.len() > 0).height,
        already=_already(version, said, cue),
        said=_shown(said, shown),
    )


def _database_pattern(cue: Cue) -> str:
    return cue.pattern if cue.is_phrase else f"(?i){cue.pattern}"


def _sentences(rows: pl.DataFrame, cue: Cue) -> pl.DataFrame:
    """One row a sentence that the cue hits, in the rows' order: its place in the message, its first hit and its marks."""
    heard = Ear(CueSet([cue]), is_feeling=False).hear(rows["text"].to_list())
    hits = heard.hits.unique("place", keep="first", maintain_order=True)
    said = heard.sentences[hits["place"]]
    found = pl.concat(
        [said, hits.select("offset", "length", "is_negated"), rows.select(_MESSAGE)[said["row"]]],
        how="horizontal",
    )
    marks = [pl.when(name).then(pl.lit(words)) for name, words in _MARKS.items()]
    return found.with_columns(marks=pl.concat_list(marks).list.drop_nulls())


def _already(version: Version, said: pl.DataFrame, cue: Cue) -> tuple[Already, ...]:
    """Which signals have evidence in these sentences; only those that read the cue's lexicon where it has one."""
    kinds = [
        (signal, kind.name)
        for signal in registry.signals()
        if not cue.lexicon or cue.lexicon in signal.lexicons
        for kind in signal.kinds
        if not kind.is_quiet  # those stand on nearly every sentence
    ]
    known = version.query(
        """
        SELECT DISTINCT source, ticket_id, message_id, measure, "start" AS from_letter, "end" AS to_letter FROM evidence
        WHERE list_contains(?, measure || ' ' || kind) AND list_contains(?, message_id)
        """,
        [[f"{signal.name} {kind}" for signal, kind in kinds], said["message_id"].unique().to_list()],
    )
    over = (pl.col("from_letter") < pl.col("end")) & (pl.col("to_letter") > pl.col("start"))
    both = said.join(known, on=_MESSAGE).filter(over).unique([*_MESSAGE, "start", "measure"])
    counts = dict(both.group_by("measure").len().iter_rows())
    signals = dict.fromkeys(signal for signal, _ in kinds)
    return tuple(Already(one.name, one.title, int(counts.get(one.name, 0))) for one in signals
                 if cue.lexicon or counts.get(one.name))  # fmt: skip


def _shown(said: pl.DataFrame, shown: int) -> tuple[Said, ...]:
    """The first sentences, each wording once."""
    some = said.unique("text", keep="first", maintain_order=True).head(shown)
    return tuple(
        Said(
            row["source"],
            row["ticket_id"],
            row["text"],
            row["offset"],
            row["offset"] + row["length"],
            tuple(row["marks"]),
        )
        for row in some.iter_rows(named=True)
    )


def spelled(cue: Cue) -> str:
    """The cue as heard.toml holds it; what is not known yet stands as ... ."""
    lines = [
        "[[cues]]",
        f"lexicon = {json.dumps(cue.lexicon or '...')}",
        f"kind = {json.dumps(cue.kind if cue.lexicon else '...')}",
        f"{'phrases' if cue.is_phrase else 'patterns'} = [{_literal(cue.name)}]",
        f"speaker = {json.dumps(cue.speaker)}",
        'note = "why this is a cue"',
    ]
    return "\n".join(lines)


def _literal(text: str) -> str:
    """A text of TOML; one with backslashes as it is, where TOML can hold it so."""
    return f"'{text}'" if "\\" in text and "'" not in text and text.isprintable() else json.dumps(text)
