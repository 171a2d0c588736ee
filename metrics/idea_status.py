"""What people set of ideas and their themes: statuses, owners, notes, names, merges, splits; each with who and when.

A status belongs to an idea. It names the message and the hash of the sentence's words, as reviews do, so that it holds
whatever is scored anew or loaded besides. What is set stands in the ledger and counts at once; every act can be undone.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, get_args
from uuid import uuid4

import polars as pl

from metrics import ideas
from metrics.idea_themes import Split
from metrics.reviews import sentence_hash
from warehouse.errors import HeardError
from warehouse.ledger import Entry, Ledger, ledger_in
from warehouse.rights import Area
from warehouse.store import Version

Status = Literal["new", "heard", "planned", "done", "declined"]
STATUSES: Final[tuple[Status, ...]] = get_args(Status)
OfIdea = Literal["status", "owner", "note", "theme"]
OfTheme = Literal["name", "owner", "note", "into", "split"]
OF_IDEA: Final[tuple[OfIdea, ...]] = get_args(OfIdea)
OF_THEME: Final[tuple[OfTheme, ...]] = get_args(OfTheme)
LONGEST: Final = 500  # characters of an owner, a name or a note

RULE: Final = (
    "A theme has the status that most of its ideas have; where two are as many, the one that is less far: new, heard, planned, "
    "done, declined. An idea of which nobody set a status is heard where a reply acknowledged it, else new."
)


@dataclass(frozen=True)
class Act:
    """What a person set in one go: which field of how many ideas or themes, the value (None: removed), who and when."""

    act: str
    kind: str
    count: int
    value: str | None
    subject: str
    who: str
    at: datetime


@dataclass(frozen=True)
class State:
    """What stands of people's own: entries by field and subject."""

    of_idea: Mapping[str, Mapping[str, Entry]]
    of_theme: Mapping[str, Mapping[str, Entry]]

    @property
    def key(self) -> frozenset[int]:
        """The same for the same state, another for another."""
        every = (*self.of_idea.values(), *self.of_theme.values())
        return frozenset(entry.entry_id for entries in every for entry in entries.values())

    def theme(self, field: OfTheme) -> dict[str, str]:
        """The values of a field by theme; what was removed is left out."""
        return {subject: said for subject, entry in self.of_theme[field].items() if (said := _value(entry))}

    def splits(self) -> tuple[Split, ...]:
        """The splits that stand, in the order in which they were made."""
        return tuple(
            Split(subject, (entry.fields or {})["origin"], word)
            for subject, entry in self.of_theme["split"].items()
            if (word := _value(entry))
        )


def state(version: Version) -> State:
    """What stands now, read from the ledger."""
    ledger = ledger_in(version.folder)
    if ledger is None:
        return State({one: {} for one in OF_IDEA}, {one: {} for one in OF_THEME})
    return State(
        {one: ledger.entries(f"idea {one}") for one in OF_IDEA},
        {one: ledger.entries(f"theme {one}") for one in OF_THEME},
    )


def subjects(version: Version, rows: pl.DataFrame) -> list[str]:
    """What names each of these ideas (rows of ideas.every) in the ledger: its message and the hash of its words."""
    texts = _texts(version, rows)
    places = rows.select("source", "ticket_id", "message_id", "start", "end")
    return [
        _subject(*key, sentence_hash(texts[key], start, end))
        for key, start, end in (((row[0], row[1], row[2]), row[3], row[4]) for row in places.iter_rows())
    ]


def named(version: Version, frame: pl.DataFrame, now: State) -> pl.DataFrame:
    """The frame (ideas.every) with what people set of each idea.

    Columns added: subject (null where nobody set anything), status (of RULE), status_who, status_at (null where nobody set
    it), owner, note, moved (the theme a person put it in; "" for none).
    """
    messages = {tuple(json.loads(subject)[:3]) for entries in now.of_idea.values() for subject in entries}
    if messages:
        keys = pl.DataFrame(sorted(messages), schema=["source", "ticket_id", "message_id"], orient="row")
        touched = frame.join(keys, on=["source", "ticket_id", "message_id"], how="semi")
    else:
        touched = frame.head(0)
    found = touched.select("source", "suggestion_id").with_columns(
        pl.Series("subject", subjects(version, touched), dtype=pl.String())
    )
    told = frame.join(found, on=["source", "suggestion_id"], how="left", maintain_order="left")
    set_by = pl.DataFrame(
        [_row(subject, now) for subject in sorted({one for each in now.of_idea.values() for one in each})],
        schema=_SET,
        orient="row",
    )
    as_read = pl.when(pl.col("fate") == "heard").then(pl.lit("heard")).otherwise(pl.lit("new"))
    return told.join(set_by, on="subject", how="left", maintain_order="left").with_columns(
        status=pl.coalesce("status", as_read)
    )


_SET: Final = {
    "subject": pl.String(), "status": pl.String(), "status_who": pl.String(), "status_at": pl.Datetime("us", "UTC"),
    "owner": pl.String(), "note": pl.String(), "moved": pl.String(),
}  # fmt: skip


def taken_up(version: Version) -> frozenset[tuple[str, str]]:
    """The ideas (source, suggestion_id) that no reply acknowledged and that a person gave a status other than new.

    Lists of ideas to answer leave them out. Rates stay as they were read.
    """
    now = state(version)
    if not now.of_idea["status"]:
        return frozenset()
    frame = named(version, ideas.every(version), now)
    up = frame.filter(pl.col("fate").is_in(ideas.UNHEARD) & (pl.col("status") != "new"))
    return frozenset(up.select("source", "suggestion_id").iter_rows())


def of_theme(counts: Mapping[str, int]) -> Status:
    """The status of a theme, given how many of its ideas have which; see RULE."""
    return max(STATUSES, key=lambda one: (counts.get(one, 0), -STATUSES.index(one)))


def set_ideas(version: Version, who: str, field: OfIdea, rows: pl.DataFrame, value: str | None) -> str:
    """Set a field of these ideas (rows of ideas.every), or remove it (None). Returns the act that undoes it.

    Raises HeardError on no ideas or a status that is none, NotAllowed where this is not the reader's to set.
    """
    if field == "status" and value is not None and value not in STATUSES:
        raise HeardError(f"There is no status {value!r}.", fix=f"statuses are {', '.join(STATUSES)}")
    given = {subject: {"value": _short(value)} for subject in subjects(version, rows)}
    return _set(version, who, f"idea {field}", given)


def set_theme(version: Version, who: str, field: OfTheme, theme: str, value: str | None, **more: str) -> str:
    """Set a field of a theme, or remove it (None). Returns the act that undoes it.

    `into` merges it into the theme named, `split` parts off (as `theme`) the ideas of `origin` that hold the word `value`.
    Raises HeardError where a theme would be merged into itself, NotAllowed where this is not the reader's to set.
    """
    if field == "into" and value == theme:
        raise HeardError("A theme cannot be merged into itself.", fix="choose another theme")
    return _set(version, who, f"theme {field}", {theme: {"value": _short(value), **more}})


def undo(version: Version, act: str, who: str) -> int:
    """Set again what stood before an act. Returns how many ideas or themes that were; what was set since is left alone."""
    version.rights.check(Area.EDIT)
    ledger = ledger_in(version.folder)
    count = 0
    for kind in _kinds() if ledger else ():
        assert ledger is not None
        mine = [entry for entry in ledger.entries(kind).values() if (entry.fields or {}).get("act") == act]
        before: dict[str, dict[str, Any] | None] = {}
        for entry in mine:
            told = ledger.history(kind, entry.subject)
            before[entry.subject] = told[1].fields if len(told) > 1 else None
        ledger.keep_all(kind, before, who)
        count += len(before)
    return count


def acts(version: Version, limit: int = 5, *, who: str | None = None) -> tuple[Act, ...]:
    """What was set last and still stands, the newest first; of one person, or of everybody (None)."""
    ledger = ledger_in(version.folder)
    found: dict[str, list[Entry]] = {}
    for kind in _kinds() if ledger else ():
        assert ledger is not None
        for entry in ledger.entries(kind).values():
            found.setdefault((entry.fields or {}).get("act", ""), []).append(entry)
    told = [
        Act(act, mine[0].kind, len(mine), _value(mine[0]), mine[0].subject, mine[0].who, mine[0].at)
        for act, mine in found.items()
        if act and who in (None, mine[0].who)
    ]
    return tuple(sorted(told, key=lambda one: one.at, reverse=True)[:limit])


def _set(version: Version, who: str, kind: str, given: Mapping[str, Mapping[str, Any]]) -> str:
    version.rights.check(Area.EDIT)
    if version.folder is None or not given:
        raise HeardError("There is nothing to set.", fix="choose an idea of data that are stored")
    act = uuid4().hex
    Ledger(version.folder).keep_all(kind, {one: {**fields, "act": act} for one, fields in given.items()}, who)
    return act


def _kinds() -> tuple[str, ...]:
    return tuple(f"idea {one}" for one in OF_IDEA) + tuple(f"theme {one}" for one in OF_THEME)


def _row(subject: str, now: State) -> tuple[Any, ...]:
    set_of = {field: entries.get(subject) for field, entries in now.of_idea.items()}
    status, theme = set_of["status"], set_of["theme"]
    said = _value(status)
    return (
        subject, said, status.who if status and said else None, status.at if status and said else None,
        _value(set_of["owner"]), _value(set_of["note"]), (theme.fields or {}).get("value") if theme else None,
    )  # fmt: skip


def _value(entry: Entry | None) -> str | None:
    return (entry.fields or {}).get("value") or None if entry else None


def _short(value: str | None) -> str | None:
    return None if value is None else value.strip()[:LONGEST]


def _subject(source: str, ticket_id: str, message_id: str, words: str) -> str:
    return json.dumps([source, ticket_id, message_id, words], ensure_ascii=False)


def _texts(version: Version, rows: pl.DataFrame) -> dict[tuple[str, str, str], str]:
    """The messages of these ideas by source, ticket_id and message_id."""
    if rows.is_empty():
        return {}
    keys = rows.select("source", "ticket_id", "message_id").unique()
    found = version.query(
        """
        SELECT source, ticket_id, message_id, w.text FROM turns w
        JOIN (SELECT unnest(?::VARCHAR[]) AS source, unnest(?::VARCHAR[]) AS ticket_id,
              unnest(?::VARCHAR[]) AS message_id) named USING (source, ticket_id, message_id)
        """,
        [keys[name].to_list() for name in ("source", "ticket_id", "message_id")],
    )
    return {(row[0], row[1], row[2]): row[3] or "" for row in found.iter_rows()}


def counted(statuses: Sequence[str]) -> dict[str, int]:
    """How many ideas have which status, in the order of STATUSES; those that none has are left out."""
    counts = Counter(statuses)
    return {one: counts[one] for one in STATUSES if counts[one]}
