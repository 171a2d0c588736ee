"""What a digest stands on: how much could be read and measured, and what to keep in mind."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from metrics import ripening
from metrics.contrast.pairs import Pair
from metrics.coverage import coverage as read_coverage
from metrics.totals import Scope
from metrics.wording import say
from warehouse.settings import zone
from warehouse.store import Version

NOT_CHECKED: Final = (
    "What conversations show is read by rules and models, not by people, and has not been checked on your own "
    "conversations. Association is shown, never a cause."
)


def first_and_last_day(version: Version) -> tuple[date | None, date | None]:
    """The first and last day of the data; null for a store without conversations and surveys."""
    row = version.query(
        """
        SELECT min(day) AS first, max(day) AS last FROM (
            SELECT created_on AS day FROM ticket_facts UNION ALL SELECT ended_on FROM ticket_facts
            UNION ALL SELECT answered_on FROM survey_facts)
        """
    ).to_dicts()[0]
    return row["first"], row["last"]


def coverage(version: Version, scope: Scope) -> tuple[str, tuple[str, ...]]:
    """How many conversations there are, and how many of them could be read and followed."""
    seen = read_coverage(version, scope)
    if seen.count == 0:
        return "no conversations", ()
    basis = _conversations(seen.count)
    left_out = [
        f"{count:,} {words}"
        for count, words in (
            (seen.count_other_language, "in a language that is not read"),
            (seen.count_nothing_written, "without words of the customer's that could be read"),
        )
        if count
    ]
    not_read = f"; not read: {', '.join(left_out)}" if left_out else ""
    share = say(seen.count_readable / seen.count, "share")
    return basis, (f"Read: {seen.count_readable:,} of {basis} ({share}){not_read}.",)


def caveats(
    version: Version, pairs: tuple[Pair, ...], too_few: int, *, monday: date, sunday: date, first: date
) -> tuple[str, ...]:
    """What to keep in mind: figures from few rows or none, weeks that are cut or still ripening, and unchecked reading."""
    figures = [figure for pair in pairs for figure in (*pair.scores, *pair.conversations)]
    small = [figure.title for figure in figures if 0 < figure.n < too_few]
    missing = [figure.title for figure in figures if figure.n == 0]
    week = Scope(date_from=monday, date_to=sunday)
    lines = []
    if small:
        lines.append(f"Fewer than {too_few}, so no rate is shown: {', '.join(small)}.")
    if missing:
        lines.append(f"Not measured this week: {', '.join(missing)}.")
    if monday - timedelta(days=7) < first < monday:
        lines.append(f"The week before may be cut: the data begin on {first.isoformat()}.")
    until = _as_of(version)
    if until and until < sunday:
        lines.append(f"The week is cut: the data end on {until.isoformat()}.")
    elif until and not all(
        ripening.is_final(version, name, week) for name in ripening.known(version).ripenings
    ):
        lines.append(
            f"The data end on {until.isoformat()}: answers to this week's surveys and reopenings may still come in, so these"
            " figures are not final, and the week before is told as it was known at the same age."
        )
    return (*lines, NOT_CHECKED)


def _as_of(version: Version) -> date | None:
    """The last day of the data in the organisation's zone."""
    meta = dict(version.query("SELECT key, value FROM meta WHERE key IN ('as_of', 'zone')").iter_rows())
    if not meta.get("as_of"):
        return None
    return datetime.fromisoformat(meta["as_of"]).astimezone(zone(meta.get("zone") or "")).date()


def _conversations(count: int) -> str:
    return "1 conversation" if count == 1 else f"{count:,} conversations"
