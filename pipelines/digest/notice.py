"""What goes out where a week has no digest: that its export has not arrived, or that this reader's teams had nothing."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass

from pipelines.digest.render import as_md
from pipelines.digest.shown import as_shown
from pipelines.digest.ways import slack, teams
from warehouse.rights import Rights
from warehouse.settings import Settings

_PAGE = (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{subject}</title></head>'
    '<body style="margin:0;padding:24px;font:16px Arial,sans-serif">'
    '<h1 style="font:bold 22px Georgia,serif">{subject}</h1><p>{words}</p>'
    '<p><a href="{url}">Open the dashboard</a></p></body></html>'
)


@dataclass(frozen=True)
class Notice:
    """A headline and a sentence, in the forms that the ways of sending need."""

    subject: str
    html: str
    text: str
    md: str
    chat: Mapping[str, str]


def notice(week: str, rights: Rights, settings: Settings, *, has_arrived: bool, is_demo: bool) -> Notice:
    """The notice of a week for a reader with these rights."""
    named = f"{'Demo: ' if is_demo else ''}Heard, week {int(week[-2:])} of {week[:4]}"
    if not has_arrived:
        subject = f"{named}: the export of this week has not arrived"
        words = "There are no figures yet: no export that holds this week was loaded. Nothing is known to be wrong with service."
    elif rights.teams:
        subject = f"{named}: no conversations of {as_shown(', '.join(rights.teams))}"
        words = "The export of this week was loaded and holds no conversations of yours."
    else:
        subject = f"{named}: no conversations"
        words = "The export of this week was loaded and holds no conversations."
    url = settings.digest.base_url.rstrip("/") + "/"
    page = _PAGE.format(subject=html.escape(subject), words=html.escape(words), url=html.escape(url))
    return Notice(
        subject=subject,
        html=page,
        text=f"{as_shown(subject)}\n\n{words}\n\nOpen the dashboard: {url}\n",
        md=f"# {as_md(subject)}\n\n{as_md(words)}\n\n[Open the dashboard](<{url}>)\n",
        chat={"slack": slack.notice(subject, words, url), "teams": teams.notice(subject, words, url)},
    )
