"""The pages of the dashboard, in their order; a page is a file in dashboard/pages and a line here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from warehouse.rights import Area, Rights


@dataclass(frozen=True)
class Place:
    """A page: its file, the name and icon in the navigation, its address ("" is home), and whose it is."""

    file: str
    title: str
    icon: str
    url: str
    area: Area


PLACES: Final = (
    Place("form_and_function", "Form and function", "balance", "", Area.HOME),
    Place("teams", "Teams", "groups", "teams", Area.TEAMS),
    Place("customers", "Customers", "group", "customers", Area.CUSTOMERS),
    Place("ideas", "Ideas", "lightbulb", "ideas", Area.IDEAS),
    Place("money", "Money", "payments", "money", Area.MONEY),
    Place("conversations", "Conversations", "forum", "conversations", Area.CONVERSATIONS),
    Place("looks_fine", "Looks fine, isn't", "visibility_off", "looks_fine", Area.TRUST),
    Place("predict", "Do scores tell?", "query_stats", "predict", Area.TRUST),
    Place("trust", "Trust", "handshake", "trust", Area.TRUST),
    Place("silent", "Silent customers", "voice_over_off", "silent", Area.SILENT),
    Place("to_do", "To do", "checklist", "to_do", Area.EDIT),
    Place("weeks", "Over time", "show_chart", "weeks", Area.SCORES),
    Place("scores", "Scores", "speed", "scores", Area.SCORES),
    Place("review", "Review", "fact_check", "review", Area.REVIEW),
    Place("digest", "Digest", "outgoing_mail", "digest", Area.DIGEST),
    Place("data", "Data", "database", "data", Area.DATA),
    Place("exports", "Exports", "upload_file", "exports", Area.DATA),
    Place("glossary", "Glossary", "menu_book", "glossary", Area.GLOSSARY),
)


def places(rights: Rights) -> tuple[Place, ...]:
    """The pages that somebody with these rights may open."""
    return tuple(place for place in PLACES if rights.may(place.area))
