"""Navigation: the pages, in the order in which a reader goes from a number to its sentence."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

PROJECT = Path(__file__).resolve().parent.parent

st.set_page_config(
    page_title="Heard",
    page_icon=str(PROJECT / "data" / "icons" / "heard.png"),
    layout="wide",
    menu_items=None,
)
st.navigation(
    [
        st.Page(
            "pages/form_and_function.py", title="Form and function", icon=":material/balance:", default=True
        ),
        st.Page("pages/scores.py", title="Scores", icon=":material/speed:", url_path="scores"),
        st.Page("pages/trust.py", title="Trust", icon=":material/handshake:", url_path="trust"),
        st.Page("pages/ideas.py", title="Ideas", icon=":material/lightbulb:", url_path="ideas"),
        st.Page(
            "pages/conversations.py", title="Conversations", icon=":material/forum:", url_path="conversations"
        ),
        st.Page("pages/review.py", title="Review", icon=":material/fact_check:", url_path="review"),
        st.Page("pages/data.py", title="Data", icon=":material/database:", url_path="data"),
        st.Page("pages/exports.py", title="Exports", icon=":material/upload_file:", url_path="exports"),
        st.Page("pages/glossary.py", title="Glossary", icon=":material/menu_book:", url_path="glossary"),
    ],
    position="top",
).run()
