"""The pages of the dashboard, in their order; a page is a file in dashboard/pages and a line here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MORE: Final = "More"  # the section of the pages that are opened less often


@dataclass(frozen=True)
class Place:
    """A page: its file, the name and icon in the navigation, its address ("" is home) and its section ("" is the bar)."""

    file: str
    title: str
    icon: str
    url: str
    section: str = ""


PLACES: Final = (
    Place("form_and_function", "Form and function", "balance", ""),
    Place("ideas", "Ideas", "lightbulb", "ideas"),
    Place("conversations", "Conversations", "forum", "conversations"),
    Place("trust", "Trust", "handshake", "trust", MORE),
    Place("scores", "Scores", "speed", "scores", MORE),
    Place("review", "Review", "fact_check", "review", MORE),
    Place("data", "Data", "database", "data", MORE),
    Place("exports", "Exports", "upload_file", "exports", MORE),
    Place("glossary", "Glossary", "menu_book", "glossary", MORE),
)
