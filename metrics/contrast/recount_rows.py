"""The rows of a score as any report may count them, fetched once: answers alike, and first replies with their minutes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import numpy as np
import polars as pl

from metrics.contrast.recount import Mask, Numbers, Recount, Rule, Score
from metrics.contrast.recount_rules import BASES, BRAND, LEFT_OUT, MOST_BRANDS, ZONES, rules_of
from metrics.reconcile import SPOKEN
from metrics.totals import Scope
from warehouse.errors import HeardError
from warehouse.settings import zone
from warehouse.store import Version

# Dimensions by which a report can be filtered, as SQL over ticket and heard.
FILTERS: Final = {
    name: f"ticket.{name}" for name in ("team", "channel", "priority", "type", "brand", "agent", "source", "customer_id")
} | {"language": "heard.language", "contact_reason": "heard.contact_reason"}  # fmt: skip


def recount(version: Version, score: Score, scope: Scope, own_zone: str) -> Recount:
    """The rows of a score around a period, ready to be counted by any rules.

    Raises HeardError where the period has no two ends, or a filter is one that a report can not be filtered by.
    """
    if scope.date_from is None or scope.date_to is None:
        raise HeardError("A report has a first and a last day.", fix="choose a period")
    unknown = next((name for name in scope.where if name not in FILTERS), None)
    if scope.without:
        raise HeardError("A helpdesk's report leaves no incident out.", fix="count the incidents in again")
    if unknown:
        raise HeardError(f"A report can not be filtered by {unknown!r} here.", fix="take that filter off")
    zones = (own_zone, *(name for name in ZONES if name != own_zone))
    ends = {name: _ends(scope.date_from, scope.date_to, name) for name in zones}
    brands = _brands(version) if "brand" in scope.where else _brands(version)[: MOST_BRANDS + 1]
    if "brand" not in scope.where and len(brands) > MOST_BRANDS:
        brands = []
    rows = _rows(version, score, scope, ends)
    rules = rules_of(score, scope, zones, brands, rows)
    return Recount(
        score=score,
        rules=rules,
        weights=rows["n"].to_numpy().astype(float),
        masks=_masks(score, rules, rows, scope),
        windows={
            (basis, name): rows[f"{basis}_{place}"].to_numpy()
            for basis in BASES[score]
            for place, name in enumerate(zones)
        },
        parts={} if score == "first_reply" else _parts(score, rows),
        minutes=_minutes(rows) if score == "first_reply" else {},
    )


# Answers alike in all that a rule looks at, counted.
_ANSWERS = """
WITH answer AS (
    SELECT *, row_number() OVER (
        PARTITION BY joined_by = 'ticket', CASE WHEN joined_by = 'ticket' THEN ticket_source ELSE source END,
            CASE WHEN joined_by = 'ticket' THEN ticket_id ELSE rating_id END
        ORDER BY dated_at NULLS LAST, try_cast(rating_id AS HUGEINT) NULLS LAST, rating_id) = 1 AS is_first,
        CASE WHEN scale_max > scale_min THEN round((score - scale_min) / (scale_max - scale_min), 4) END AS part
    FROM surveys WHERE kind = ? AND is_answered AND {of_ticket})
SELECT coalesce(answer.left_out, ticket.left_out) AS left_out, ticket.brand, is_first, is_latest, is_satisfied, part,
    CASE WHEN kind = 'nps' AND nps_net IS NOT NULL THEN score END AS points, {windows}, count(*) AS n
FROM answer LEFT JOIN tickets_clean ticket
    ON ticket.source = coalesce(answer.ticket_source, answer.near_source)
    AND ticket.ticket_id = coalesce(answer.ticket_id, answer.near_ticket_id)
LEFT JOIN heard ON heard.source = ticket.source AND heard.ticket_id = ticket.ticket_id
WHERE ({somewhere}) AND {filters} GROUP BY ALL
"""
# One row a ticket. Of a ticket that is left out its own first reply is not known here: the helpdesk's own figure stands.
_REPLIES = f"""
WITH {SPOKEN},
stated AS (SELECT source, ticket_id, min(calendar_minutes) AS stated_minutes, min(business_minutes) AS stated_business_minutes
    FROM vendor_metrics WHERE name = 'first_reply' GROUP BY ALL)
SELECT ticket.left_out, ticket.brand, {{windows}}, 1 AS n,
    CASE WHEN ticket.left_out IS NULL THEN first.calendar_minutes ELSE stated_minutes END AS calendar,
    CASE WHEN ticket.left_out IS NULL THEN first.business_minutes ELSE stated_business_minutes END AS business,
    (epoch_us(bot_at) - epoch_us(ticket.created_at)) / 6e7 AS bot,
    (epoch_us(note_at) - epoch_us(ticket.created_at)) / 6e7 AS note, coalesce(first.is_open, false) AS is_open
FROM tickets_clean ticket LEFT JOIN reply_waits first
    ON first.source = ticket.source AND first.ticket_id = ticket.ticket_id AND first.is_first
LEFT JOIN spoken ON spoken.source = ticket.source AND spoken.ticket_id = ticket.ticket_id
LEFT JOIN stated ON stated.source = ticket.source AND stated.ticket_id = ticket.ticket_id
LEFT JOIN heard ON heard.source = ticket.source AND heard.ticket_id = ticket.ticket_id
WHERE ({{somewhere}}) AND {{filters}} AND (first.ticket_id IS NOT NULL OR ticket.left_out IS NOT NULL)
ORDER BY ticket.source, ticket.ticket_id
"""


def _ends(first: date, last: date, name: str) -> tuple[datetime, datetime]:
    """The instants at which the period begins and is over in a zone."""
    where = zone(name)
    return (
        datetime.combine(first, time(), where),
        datetime.combine(last + timedelta(days=1), time(), where),
    )


def _brands(version: Version) -> list[str]:
    """The brands of all tickets, those with most first; none where there is only one."""
    rows = version.query(
        "SELECT brand FROM tickets_clean WHERE brand IS NOT NULL GROUP BY brand ORDER BY count(*) DESC, brand LIMIT ?",
        [MOST_BRANDS + 1],
    )
    names = rows["brand"].to_list()
    return names if len(names) > 1 else []


def _rows(
    version: Version, score: Score, scope: Scope, ends: Mapping[str, tuple[datetime, datetime]]
) -> pl.DataFrame:
    instants = {basis: sql for basis, (sql, _) in BASES[score].items()}
    windows, values = [], list[Any]()
    for basis, sql in instants.items():
        for place, (start, end) in enumerate(ends.values()):
            windows.append(f"coalesce({sql} >= ? AND {sql} < ?, false) AS {basis}_{place}")
            values += [start, end]
    # A brand is a rule: a report may show another one than the filter names.
    where = {name: wanted for name, wanted in scope.where.items() if name != "brand"}
    filters, bound = ["true"], list[Any]()
    for name, wanted in where.items():
        named = [one for one in wanted if one]
        tests = [f"{FILTERS[name]} = ANY(?::VARCHAR[])"] if named else []
        bound += [named] if named else []
        tests += [f"{FILTERS[name]} IS NULL"] if "" in wanted else []
        filters.append(f"({' OR '.join(tests) or 'false'})")
    earliest, latest = min(start for start, _ in ends.values()), max(end for _, end in ends.values())
    somewhere = " OR ".join(f"({sql} >= ? AND {sql} < ?)" for sql in instants.values())
    around = [earliest, latest] * len(instants)
    parts = {"windows": ", ".join(windows), "somewhere": somewhere, "filters": " AND ".join(filters)}
    if score == "first_reply":
        return version.query(_REPLIES.format(**parts), [*values, *around, *bound])
    of_ticket = "ticket_id IS NOT NULL" if score == "csat" else "true"
    return version.query(_ANSWERS.format(of_ticket=of_ticket, **parts), [score, *values, *around, *bound])


def _masks(
    score: Score, rules: Sequence[Rule], rows: pl.DataFrame, scope: Scope
) -> dict[str, dict[str, Mask]]:
    every = np.ones(rows.height, dtype=bool)
    left, brand = rows["left_out"].fill_null(""), rows["brand"].fill_null("")
    wanted = list(scope.where.get("brand", ()))
    kept: dict[str, Mask] = {"none": (left == "").to_numpy(), "every": every}
    kept |= {one: left.is_in(["", one]).to_numpy() for one in LEFT_OUT}
    of_brand: dict[str, Mask] = {"any": every, "filter": brand.is_in(wanted).to_numpy() if wanted else every}
    for rule in rules:
        if rule.name == "brand":
            of_brand |= {
                one.key: (brand == one.key.removeprefix(BRAND)).to_numpy()
                for one in rule.options
                if one.key.startswith(BRAND)
            }
    masks = {"kept": kept, "brand": of_brand}
    if score != "first_reply":
        masks["which"] = {
            "latest": rows["is_latest"].to_numpy(),
            "first": rows["is_first"].to_numpy(),
            "all": every,
        }
    return masks


def _parts(score: Score, rows: pl.DataFrame) -> dict[str, tuple[Numbers, Numbers, Numbers]]:
    """By scale: what each row adds to the good, to the bad that is subtracted, and to all."""
    n = rows["n"].to_numpy().astype(float)
    none = np.zeros(len(n))
    if score == "nps":
        points = rows["points"].cast(pl.Float64).to_numpy()
        known = n * np.isfinite(points)
        with np.errstate(invalid="ignore"):
            over, under = (points >= 9) * n, (points <= 6) * n
            return {
                "ours": (over, under, known),
                "promoters": (over, none, known),
                "wide": ((points >= 8) * n, (points <= 5) * n, known),
            }
    told = rows["is_satisfied"].is_not_null().to_numpy()
    good = rows["is_satisfied"].fill_null(False).to_numpy() & told
    part = rows["part"].cast(pl.Float64).to_numpy()
    part = np.where(np.isfinite(part), part, np.where(good, 1.0, 0.0))
    middle = told & (np.abs(part - 0.5) < 1e-6)
    bad = told & ~good & ~middle
    return {
        "ours": (good * n, none, told * n),
        "middle_good": ((good | middle) * n, none, told * n),
        "middle_out": ((good & ~middle) * n, none, (told & ~middle) * n),
        "top": ((told & (part >= 1 - 1e-6)) * n, none, told * n),
        "net": (good * n, bad * n, told * n),
    }


def _minutes(rows: pl.DataFrame) -> dict[tuple[str, str], tuple[Numbers, Mask]]:
    """By hours and whose reply: the minutes of each ticket (NaN: none) and whether they are still waited."""
    calendar, business, bot, note = (
        rows[name].cast(pl.Float64).to_numpy() for name in ("calendar", "business", "bot", "note")
    )
    still = rows["is_open"].to_numpy()
    found = {("calendar", "human"): (calendar, still), ("business", "human"): (business, still)}
    for name, other in (("bot", bot), ("note", note)):
        is_sooner = np.isfinite(other) & (other >= 0) & (still | ~(calendar <= other))
        found["calendar", name] = (np.where(is_sooner, other, calendar), still & ~is_sooner)
    return found
