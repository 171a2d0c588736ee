"""The pages of the dashboard, in their order; a page is a file in dashboard/pages and a line here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from warehouse.rights import Area, Rights

MORE: Final = "More"  # the section of the pages that are opened less often


@dataclass(frozen=True)
class Place:
    """A page: its file, the name and icon in the navigation, its address ("" is home), whose it is, and its section.

    The section "" is the bar.
    """

    file: str
    title: str
    icon: str
    url: str
    area: Area
    section: str = ""


PLACES: Final = (
    Place("form_and_function", "Form and function", "balance", "", Area.HOME),
    Place("ideas", "Ideas", "lightbulb", "ideas", Area.IDEAS),
    Place("conversations", "Conversations", "forum", "conversations", Area.CONVERSATIONS),
    Place("trust", "Trust", "handshake", "trust", Area.TRUST, MORE),
    Place("scores", "Scores", "speed", "scores", Area.SCORES, MORE),
    Place("review", "Review", "fact_check", "review", Area.REVIEW, MORE),
    Place("data", "Data", "database", "data", Area.DATA, MORE),
    Place("exports", "Exports", "upload_file", "exports", Area.DATA, MORE),
    Place("glossary", "Glossary", "menu_book", "glossary", Area.GLOSSARY, MORE),
)


def places(rights: Rights) -> tuple[Place, ...]:
    """The pages that somebody with these rights may open."""
    return tuple(place for place in PLACES if rights.may(place.area))
