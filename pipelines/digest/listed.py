"""What a digest lists: conversations that look fine and aren't, best saves, broken promises, customers to call."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import polars as pl

from metrics import conversations, entered
from metrics.contrast import asked, looks_fine, saves, to_do
from metrics.contrast.fine_words import unhappy_words
from metrics.conversations import Sought
from metrics.mask import mask
from metrics.quotes import Key
from metrics.totals import Scope
from metrics.wording import say
from pipelines.digest.addresses import Addresses
from pipelines.digest.content import Line, Quote, Section
from pipelines.digest.voices import QUOTES_RULE, about, shorten, worth_reading
from warehouse.rights import Area, Rights, Role
from warehouse.store import Version

MOST: Final = 3
BROKEN: Final = "share_promises_broken"
MASKED: Final = (
    "Masked in quotes: e-mail addresses, telephone, card and account numbers, links, handles, and names where somebody is "
    "greeted, thanked, introduced or signs."
)
FINE_RULE: Final = (
    "Fine by the scores: solved or closed, answered in time, neither reopened nor rated bad. Not fine: the customer would warn "
    "others, or two of these: left unhappy or worse, waited very long, an idea unanswered."
)
FINE_ORDER: Final = (
    "Most such signs first, then the newest; without what was read and closed in the to-do list."
)
SAVES_RULE: Final = (
    "Unhappy or leaving at first, pleased after our answer. Told are those whose last words are not unhappy: who would "
    "recommend us first, then the widest way from start to end."
)


def shows_quotes(rights: Rights) -> bool:
    """Whether persons' words stand in this reader's digest: finance gets figures alone."""
    return rights.role is not Role.FINANCE


def masking(sections: Iterable[Section]) -> tuple[str, ...]:
    """What is masked, once for all sections; empty where nobody's words stand in them."""
    return (MASKED,) if any(isinstance(item, Quote) for one in sections for item in one.items) else ()


def quoted(
    version: Version, scope: Scope, where: Addresses, told: list[Key], most: int = MOST
) -> tuple[Section | None, Section | None]:
    """The two sections of what looks fine and isn't, and of the best saves; `told` gets the conversations they quote.

    Each quotes at most `most`.
    """
    closed = {
        subject
        for subject, entry in entered.standing(version, to_do.KIND).items()
        if (entry.fields or {}).get("status") in to_do.CLOSED
    }
    return _looks_fine(version, scope, where, closed, told, most), _saves(
        version, scope, where, closed, told, most
    )


def _looks_fine(
    version: Version, scope: Scope, where: Addresses, closed: set[str], told: list[Key], most: int
) -> Section | None:
    if not asked.told(version, ["looks_fine"]):
        return None
    rows = looks_fine.tickets(version, scope, to_do.LOOKED_THROUGH)
    count = _count(rows)
    if not count:
        return None
    title = "One conversation looks fine and isn't" if count == 1 else f"{count:,} conversations look fine and aren't"  # fmt: skip
    lead = _of(version, scope, "looks_fine_isnt", count, "that look fine and could be judged")
    url = where.page("conversations", column="looks_fine_isnt", answer="yes")
    if not shows_quotes(version.rights):
        return Section("looks_fine", title, lead, rule=FINE_RULE, url=url)
    kept = _open(rows, closed, most)
    words = unhappy_words(version, kept)
    items = []
    for row in kept:
        text = shorten(words.get((row["source"], row["ticket_id"]), ""))
        why = "; ".join(_reason(words, row["longest_wait_minutes"]) for words in row["reasons"])
        items.append(Quote(f"{why[:1].upper()}{why[1:]}", text, _about(row), _url(row, where)))
        told.append((row["source"], row["ticket_id"]))
    rule = f"{FINE_RULE} {FINE_ORDER}" if items else FINE_RULE
    return Section("looks_fine", title, lead, tuple(items), rule, url)


def _of(version: Version, scope: Scope, column: str, count: int, which: str) -> str:
    """Of how many conversations that is, in a sentence."""
    rows = asked.totals(version, [column], scope).to_dicts()
    n = max(count, int(rows[0]["n"] or 0) if rows else 0)
    return f"Of {n:,} {which}."


def _reason(words: str, minutes: float | None) -> str:
    """A red sign in words; of a wait how long it was."""
    if words != looks_fine.REASONS["is_red_wait"] or minutes is None:
        return words
    return f"waited {say(minutes, 'minutes')} for an answer"


def _saves(
    version: Version, scope: Scope, where: Addresses, closed: set[str], told: list[Key], most: int
) -> Section | None:
    if not version.rights.may(Area.CUSTOMERS) or not asked.told(version, [saves.COLUMN]):
        return None
    rows = saves.saves(version, scope, to_do.LOOKED_THROUGH)
    count = _count(rows)
    if not count:
        return None
    is_open = [f"read {row['source']} {row['ticket_id']}" not in closed for row in rows.to_dicts()]
    best = rows.filter(pl.Series(is_open)).head(most)
    words = saves.words(version, best)
    items = []
    for row in best.iter_rows(named=True):
        key = (row["source"], row["ticket_id"])
        found = words[key]
        then = [(sign, shorten(text)) for sign, text in found.between[:1]]
        then += [("how it ended", shorten(found.ended.text or ""))] if found.ended else []
        began = shorten(found.began.text or "") if found.began else ""
        items.append(
            Quote("Came unhappy or leaving, ended pleased", began, _about(row), _url(row, where), tuple(then))
        )
        told.append(key)
    title = "One conversation was turned around" if count == 1 else f"{count:,} conversations were turned around"  # fmt: skip
    url = where.page("conversations", column=saves.COLUMN, answer="yes")
    lead = _of(
        version, scope, saves.COLUMN, count, "that began unhappy or with leaving and could be followed"
    )
    return Section("saves", title, lead, tuple(items), SAVES_RULE, url)


def worth(version: Version, scope: Scope, where: Addresses, told: list[Key]) -> Section | None:
    """What is worth reading beside what was quoted above; no more where that was enough."""
    if not shows_quotes(version.rights):
        return None
    quotes = worth_reading(version, scope, where.base, MOST - len(told), told)
    return Section("worth", "Worth reading", items=quotes, rule=QUOTES_RULE) if quotes else None


def promises(version: Version, scope: Scope, where: Addresses) -> Section | None:
    """Where a promise was broken; null while that reading may not be told, and where none was."""
    if not asked.told(version, [BROKEN]):
        return None
    rows = conversations.find(version, scope, Sought(BROKEN, "yes"), limit=MOST)
    count = _count(rows)
    if not count:
        return None
    title = "A promise was broken in one conversation" if count == 1 else f"Promises were broken in {count:,} conversations"  # fmt: skip
    items = tuple(
        Quote("Promise broken", shorten(row["quote"] or ""), about(row), _url(row, where))
        for row in rows.iter_rows(named=True)
        if shows_quotes(version.rights)
    )
    return Section(
        "promises", title, items=items, url=where.page("conversations", column=BROKEN, answer="yes")
    )


def calls(version: Version, scope: Scope, where: Addresses) -> Section | None:
    """The customers to call, with what people set of them; null where they are not this reader's, or there are none."""
    found = next((one for one in to_do.to_do(version, scope, MOST) if one.task == "call"), None)
    if found is None or not (found.items or found.closed):
        return None
    items = tuple(
        Line(
            mask(item.words),
            where.page(item.page, **item.query),
            why=f"{item.why[:1].upper()}{item.why[1:]}",
            about=mask(", ".join(part for part in _stands(item) if part)),
        )
        for item in found.items
    )
    left = found.count_all
    first = f"The first {len(items):,} of {left:,}." if items and left > len(items) else ""
    done = f"{len(found.closed):,} of this week's are done or dropped." if found.closed else ""
    title = (
        "No customer is left to call"
        if not left
        else f"{left:,} {'customer' if left == 1 else 'customers'} to call"
    )
    return Section(
        "calls",
        title,
        " ".join(part for part in (first, done) if part),
        items,
        _call_rule(left),
        where.page("customers"),
    )


def _stands(item: to_do.Item) -> tuple[str, ...]:
    """Since when there is reason to call, and how far it is."""
    since = f"since {item.since:%-d %B %Y}" if item.since else ""
    return since, item.status if item.set_by else "", f"by {item.owner}" if item.owner else ""


def _call_rule(left: int) -> str:
    if not left:
        return ""
    return "Of this week's customers those at risk: what is worth most first, then those with most reasons."


def _open(rows: pl.DataFrame, closed: set[str], most: int) -> list[dict[str, Any]]:
    """The first rows that nobody closed in the to-do list."""
    return [row for row in rows.to_dicts() if f"read {row['source']} {row['ticket_id']}" not in closed][:most]


def _about(row: dict[str, Any]) -> str:
    return about({**row, "dated_on": row["ended_on"]})


def _url(row: dict[str, Any], where: Addresses) -> str | None:
    return where.conversation(row["ticket_id"], row["source"])


def _count(rows: pl.DataFrame) -> int:
    return int(rows["count_all"][0]) if rows.height else 0
