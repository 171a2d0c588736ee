"""Navigation: the pages, in the order in which a reader goes from a number to its sentence."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.places import MORE, places
from dashboard.state import rights

PROJECT = Path(__file__).resolve().parent.parent

st.set_page_config(
    page_title="Heard",
    page_icon=str(PROJECT / "data" / "icons" / "heard.png"),
    layout="wide",
    menu_items=None,
)
sections: dict[str, list[st.Page]] = {"": [], MORE: []}
for place in places(rights()):
    sections[place.section].append(
        st.Page(
            f"pages/{place.file}.py",
            title=place.title,
            icon=f":material/{place.icon}:",
            url_path=place.url or None,
            default=not place.url,
        )
    )
st.navigation(sections, position="top").run()
