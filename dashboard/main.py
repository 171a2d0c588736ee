"""Navigation: the pages, in the order in which a reader goes from a number to its sentence."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.places import places
from dashboard.state import rights

PROJECT = Path(__file__).resolve().parent.parent

st.set_page_config(
    page_title="Heard",
    page_icon=str(PROJECT / "data" / "icons" / "heard.png"),
    layout="wide",
    menu_items=None,
)
# One list: what the bar has no room for stands under "more". Sections of Streamlit's would be read aloud as a broken list.
st.navigation(
    [
        st.Page(
            f"pages/{place.file}.py",
            title=place.title,
            icon=f":material/{place.icon}:",
            url_path=place.url or None,
            default=not place.url,
        )
        for place in places(rights())
    ],
    position="top",
).run()
