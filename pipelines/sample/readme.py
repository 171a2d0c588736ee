"""The page that lies beside a sample and says what is in it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from pathlib import Path

from pipelines.sample.calendar import first_day
from pipelines.sample.stories import STORIES, Story

_FILES = """
| file | what |
|---|---|
| `tickets-*.ndjson.gz` | one ticket a line as Zendesk's full JSON export writes it: comments embedded, `satisfaction_rating` good, bad, offered or unoffered, `metric_set` beside |
| `ticket_audits-*.ndjson.gz` | one audit a line: `Create` and `Change` events of `status`, `assignee_id`, `group_id`, `satisfaction_score`, `satisfaction_comment`; `author_id` -1 is the system |
| `users.json`, `groups.json`, `organizations.json` | people, teams, businesses with plan and yearly value |
| `ticket_fields.json` | the definition of the custom field "Total time spent (sec)" |
| `nps.csv` | one row for each recommendation survey sent: `asked_at`, `answered_at` and `score` blank where nobody answered; a quarter of the rows has no ticket id and is joined by customer id or email |

Chats and messaging conversations (`via.channel` `chat`, `native_messaging`) hold one comment a turn. Replies of the
assistant and automatic confirmations are public comments with `author_id` -1.

**Handle time** is the export's own figure: the Time Tracking app writes the seconds that agents worked on a ticket
into a custom field titled "Total time spent (sec)", so it is in each ticket's `custom_fields`, and null where nobody
has worked on the ticket.
"""


def write(
    path: Path,
    *,
    tickets: int,
    seed: int,
    weeks: int,
    ends_on: date,
    without: Collection[str],
    queues: str = "",
) -> None:
    """Writes README.md for a sample of these makings."""
    begins = first_day(ends_on, weeks)
    off = f" --without {' --without '.join(sorted(without))}" if without else ""
    off += f" --queues {queues}" if queues else ""
    lines = [
        "# A made-up company's helpdesk",
        "",
        "Quillbarrow does not exist. It sells small shops a till, card readers, invoices, parcel labels and a web shop; "
        "its customers, agents and conversations are made up and written by hand, put together by a seeded generator. "
        "Addresses end in `.example`.",
        "",
        f"{tickets} tickets in {weeks} weeks, {begins.isoformat()} to {ends_on.isoformat()}; 6 teams, 4 channels. "
        f"Made by `heard sample --tickets {tickets} --seed {seed}{off} --out DIR`; the same command gives the same "
        "content. The conversations' stock lies in `data/stock/`.",
        _FILES,
        "## The planted stories",
        "",
        "Each can be switched off by `--without NAME`; all other tickets then stay as they are, word for word.",
        "",
    ]
    for story in STORIES:
        lines += _told(story, weeks, ends_on, is_off=story.name in without)
    path.write_text("\n".join(lines), encoding="utf-8")


def _told(story: Story, weeks: int, ends_on: date, *, is_off: bool) -> list[str]:
    since = ends_on - timedelta(days=7 * min(story.weeks, weeks) - 1)
    where = f"{story.team}, " if story.team else ""
    lines = [
        f"### `{story.name}`: {story.title}{' (switched off here)' if is_off else ''}",
        "",
        story.about,
        "",
    ]
    lines += [f"{where}since {since.isoformat()}. Heard should find:", ""]
    for expected in story.expects:
        place = ", ".join(f"{key} {value}" for key, value in expected.where) or "all tickets"
        amount = f" {expected.at_least:g}" if expected.at_least is not None else ""
        lines.append(
            f"- `{expected.column}` {expected.change}{amount} ({place}; last {expected.weeks} weeks)"
        )
    return [*lines, ""]
