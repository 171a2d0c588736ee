"""The rule of "looks fine, isn't", to be read, changed, undone and set back on the page."""

from __future__ import annotations

import streamlit as st

from dashboard import page
from dashboard.evidence import plain
from dashboard.state import Data
from metrics import entered
from metrics.contrast import looks_fine_rule
from metrics.contrast.looks_fine import REPLY, UNHAPPY, WAIT
from metrics.contrast.looks_fine_rule import BOUNDS, InForce
from warehouse.ledger import reviewer
from warehouse.rights import Area
from warehouse.settings import LooksFine


def edited_by(force: InForce) -> str:
    """Who set the rule and when, or that it is the one of heard.toml."""
    if force.entry is None:
        return "This is the rule as shipped, or as heard.toml has it."
    return f"Set by {plain(force.entry.who)} on {force.entry.at:%-d %B %Y}; it holds on every page."


def rule_form(data: Data, force: InForce) -> None:
    """The form; nothing for those who may not set anything, or where the data lie in no store."""
    version, who = data.version, reviewer(data.settings)
    if version.folder is None or not version.rights.may(Area.EDIT):
        return
    told = looks_fine_rule.history(version)
    number = told[0].entry_id if told else 0
    with st.expander("Change the rule"):
        page.write(
            '<p class="quiet">What you set holds at once on every page and in the digest, and is kept with your name.'
            " What else the rule says stays as it is.</p>"
        )
        with (
            st.form(f"rule {number}", border=False),
            st.container(horizontal=True, vertical_alignment="bottom", gap="small"),
        ):
            reply = _number(
                "First reply within, hours", REPLY, force.rule.first_reply_within_hours, 1.0, number
            )
            unhappy = _number("Unhappy below, mood", UNHAPPY, force.rule.unhappy_below, 0.05, number)
            wait = _number("Waited longer than, hours", WAIT, force.rule.longest_wait_hours, 1.0, number)
            is_set = st.form_submit_button("Set the rule")
        if is_set:
            chosen = LooksFine(first_reply_within_hours=reply, unhappy_below=unhappy, longest_wait_hours=wait)
            if chosen != force.rule:
                looks_fine_rule.edit(version, chosen, who)
            st.rerun()
        with st.container(horizontal=True, gap="small"):
            if force.is_edited and st.button(
                "As shipped", key="rule as shipped", help="Back to the thresholds of heard.toml."
            ):
                looks_fine_rule.as_shipped(version, who)
                st.rerun()
            if told and st.button(
                "Undo the last change", key="rule undo", help="Sets again what stood before"
            ):
                entered.undo(version, told[0], who)
                st.rerun()


def _number(words: str, name: str, value: float, step: float, number: int) -> float:
    low, high = BOUNDS[name]
    return float(
        st.number_input(
            words,
            min_value=low,
            max_value=high,
            value=float(value),
            step=step,
            key=f"{name} {number}",
            width=220,
        )
    )
