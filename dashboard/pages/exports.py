"""Exports: how does the data get out of a helpdesk, and what can each file tell?"""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard import child, page
from dashboard.evidence import plain
from dashboard.links import link
from dashboard.state import Data

QUESTION = "Where do I get the export?"


def body(_data: Data | None = None) -> None:
    """One system's guide where the address names it, else all systems and what is measurable from each."""
    sources = _sources()
    asked = [one for one in sources if st.query_params.get("system") in (one["system"], one["name"])]
    page.write(
        f"<p>{link('Bring an export', 'data')} once you have it. Every file is recognised by what is in it, never by its"
        " name; files of one system belong together and may come in any order.</p>"
    )
    if asked:
        page.write("".join(_guide(one) for one in asked) + f"<p>{link('All systems', 'exports')}</p>")
        return
    systems = dict.fromkeys(one["system"] for one in sources)
    contents = "".join(
        f"<li>{link(_title(sources, system), 'exports', system=system)}</li>" for system in systems
    )
    page.heading(f"{len(systems)} systems can be read", f'<ul class="toc">{contents}</ul>')
    page.write("".join(_row(one) for one in sources))


@st.cache_data(show_spinner=False)
def _sources() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = child.run("sources")["sources"]
    return found


def _title(sources: list[dict[str, Any]], system: str) -> str:
    """The system's own source stands for it, else the first that reads its files."""
    here = [one for one in sources if one["system"] == system]
    return str(next((one for one in here if one["name"] == system), here[0])["title"])


def _row(source: dict[str, Any]) -> str:
    measures = plain(", ".join(source["measures"])) or "what its columns tell"
    return (
        f"<article><h3>{link(source['title'], 'exports', system=source['system'])}</h3><p>{_sentence(source['about'])}</p>"
        f'<p class="quiet">Can be measured: {measures}</p></article>'
    )


def _sentence(words: str) -> str:
    return plain(words[:1].upper() + words[1:] + ".")


def _guide(source: dict[str, Any]) -> str:
    exports = "".join(
        f"<h4>{plain(one['name'])}</h4><dl><dt>How</dt><dd>{plain(one['how'])}</dd><dt>Brings</dt><dd>{plain(one['enables'])}</dd>"
        + (f"<dt>Lacks</dt><dd>{plain(one['lacks'])}</dd>" if one["lacks"] else "")
        + "</dl>"
        for one in source["exports"]
    )
    notes = "".join(f"<li>{plain(note)}</li>" for note in source["notes"])
    untried = (
        "<p>Built from the vendor's documentation only; not tried on a real export yet.</p>"
        if source["is_from_documentation"]
        else ""
    )
    plan = f"<p>Plan and rights: {plain(source['plan'])}</p>" if source["plan"] else ""
    return (
        f"<article><h3>{plain(source['title'])}</h3><p>{_sentence(source['about'])}</p>{untried}{plan}{exports}"
        + (f"<ul>{notes}</ul>" if notes else "")
        + f'<p class="quiet">Can be measured: {plain(", ".join(source["measures"])) or "what its columns tell"}</p></article>'
    )


if __name__ == "__main__":
    page.run(QUESTION, body, before_data=body)
