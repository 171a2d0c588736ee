"""Bringing data in: choose files, see how they are understood, correct the mapping, load with progress."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard import child, inbox, mapping, page
from dashboard.evidence import plain
from dashboard.links import link
from dashboard.state import Data
from metrics import registry
from warehouse.errors import HeardError
from warehouse.settings import load_settings

CHOSEN, LOOKED = "chosen path", "looked at"
STAGES = {
    "starting": "Starting", "looking": "Looking at the files", "reading": "Reading", "merging": "Merging",
    "cleaning": "Cleaning texts", "hearing": "Hearing the conversations", "measuring": "Making the figures",
}  # fmt: skip
SECONDS_BETWEEN_LOOKS = 0.5


def panel(data: Data | None) -> None:
    """The way in: what is chosen, how it is understood, and the load that is going on or has ended."""
    page.heading("Bring an export")
    settings = data.settings if data else load_settings()
    if not settings.display.loading:
        page.write(
            "<p>Loading from this page is switched off (<code>display.loading</code>). <code>heard ingest PATH</code> loads.</p>"
        )
        return
    store = child.store_of(data)
    if data and data.is_demo:
        page.write(
            f"<p>This is the demo. What you load goes into the store <code>{plain(store)}</code>: <code>heard serve</code> opens it.</p>"
        )
    job = child.loading().get(store)
    if job and job.is_running:
        _follow(store)
        return
    if job:
        _ended(store, job)
    _choose(store, settings.store_root / store / "inbox")
    if path := st.session_state.get(CHOSEN):
        _understood(Path(path), store)


def _choose(store: str, home: Path) -> None:
    """Files from the browser, or a folder on this machine."""
    page.write(
        f"<p>Drop the files here, or name a folder on this machine. {link('What can be loaded', 'exports')}: where to"
        " click in your helpdesk, and what each export can and can not tell.</p>"
    )
    dropped, named = st.columns(2, gap="medium")
    with dropped:
        uploads = st.file_uploader(
            "Files of an export",
            accept_multiple_files=True,
            help="CSV, JSON, XLSX, Parquet, mbox; also .gz and .zip",
        )
        if st.button("Look at these files", disabled=not uploads):
            _take(store, inbox.keep(uploads, home))
    with named:
        folder = st.text_input(
            "File or folder on this machine", placeholder="/data/exports/zendesk",
            help="It is read where it lies; no limit of size. A path from the machine on which Heard runs.",
        )  # fmt: skip
        if st.button("Look at this folder", disabled=not folder):
            _take(store, Path(folder).expanduser().absolute())  # so that it is never read as an option


def _take(store: str, path: Path) -> None:
    """Look at other files from now on; what was said of the last ones is put away."""
    child.loading().pop(store, None)
    mapping.forget()
    st.session_state[CHOSEN] = str(path)
    st.session_state.pop(LOOKED, None)


def _understood(path: Path, store: str) -> None:
    """What the files are, with the mapping to correct; then the button that loads."""
    said = mapping.arguments()
    key = (str(path), store, tuple(said))
    known = st.session_state.get(LOOKED)
    if known is None or known[0] != key:
        try:
            with st.spinner("Looking at the files"):
                known = (key, child.run("look", str(path), "--store", store, *said))
        except HeardError as error:
            page.say_error(error)
            return
        st.session_state[LOOKED] = known
    look = known[1]
    for file in look["files"]:
        _file(file)
    for name, why in look["passed"]:
        page.write(f'<p class="quiet">{plain(name)} is not read: {plain(why)}</p>')
    tables = [file for file in look["files"] if file["header"]]
    if len(tables) == 1:
        mapping.editor(tables[0])
    elif tables:
        page.write(
            '<p class="quiet">Columns can be mapped for one table at a time: choose that file alone.</p>'
        )
    is_readable = any(not file["problem"] for file in look["files"])
    if is_readable:
        _rows(look)
        _available(look)
    if st.button(
        "Load", type="primary", disabled=not is_readable, help="Publishes a new version when all is well."
    ):
        _load(path, store, tables, said)


def _file(file: dict[str, Any]) -> None:
    what = ", ".join(file["sources"]) or "Not recognised"
    lines = [f"<h3>{plain(file['file'])}</h3>"]
    if file["problem"]:
        problem = "<br>".join(plain(line) for line in file["problem"].splitlines())
        fix = f"<p>Fix: {plain(file['fix'])}</p>" if file["fix"] and file["sources"] else ""
        below = (
            "<p>Say below which column is what, and how its dates are written.</p>" if file["header"] else ""
        )
        lines.append(
            f'<div class="state" role="alert"><p><strong>{plain(what)}.</strong> {problem}</p>{fix}{below}</div>'
        )
    else:
        lines.append(
            f"<p><strong>{plain(what)}</strong> · {file['count_read']:,} rows understood in its first records, "
            f"{file['count_refused']:,} refused</p>"
        )
    lines += [f'<p class="quiet">{plain(note)}</p>' for note in file["notes"]]
    lines += [f'<p class="quiet">{plain(name)} is not read: {plain(why)}</p>' for name, why in file["passed"]]
    page.write("".join(lines))
    if file["refused"]:
        rows = "".join(
            f"<li>{plain(member)}{'' if line is None else f', line {line:,}'}: {plain(reason)} <code>{plain(raw[:120])}</code></li>"
            for member, line, reason, raw in file["refused"]
        )
        page.write(f"<details><summary>What will be refused</summary><ul>{rows}</ul></details>")


def _rows(look: dict[str, Any]) -> None:
    """The first rows of each table, as they are understood."""
    for name, rows in look["rows"].items():
        columns = list(rows[0])
        heads = "".join(f'<th scope="col">{plain(column)}</th>' for column in columns)
        cells = "".join(
            "<tr>"
            + "".join(
                f"<td>{plain('' if row[column] is None else str(row[column]))}</td>" for column in columns
            )
            + "</tr>"
            for row in rows
        )
        page.write(
            f"<details{' open' if name in ('tickets', 'ratings') else ''}><summary>{plain(name.replace('_', ' ').capitalize())}: the first "
            f'{len(rows)} rows as we understand them</summary><div class="scroll" tabindex="0" role="region" aria-label="{plain(name)}">'
            f'<table class="preview"><thead><tr>{heads}</tr></thead><tbody>{cells}</tbody></table></div></details>'
        )


def _available(look: dict[str, Any]) -> None:
    titles = {measure.name: measure.title for measure in registry.discover()}
    missing = "".join(
        f'<li>{plain(", ".join(titles.get(name, name) for name in one["measures"]))}. <span class="quiet">{plain(one["unlock"])}</span></li>'
        for one in look["unavailable"]
    )
    there = plain(", ".join(look["available"]) or "nothing yet")
    lacking = (
        f"<details><summary>Not available: {len(look['unavailable'])} groups of measures, and what unlocks them</summary><ul>{missing}</ul></details>"
        if missing
        else ""
    )
    page.write(f"<p>With these files can be measured: {there}.</p>{lacking}")


def _load(path: Path, store: str, tables: list[dict[str, Any]], said: list[str]) -> None:
    kept = (
        ["--mapping", re.sub(r"\W+", "-", Path(tables[0]["file"]).stem).strip("-")[:60] or "table"]
        if said and "--map" in said
        else []
    )
    job = child.Job(("ingest", str(path), "--store", store, *said, *kept, "--json"))
    child.loading()[store] = job.start()
    for name in (CHOSEN, LOOKED):
        st.session_state.pop(name, None)
    st.rerun()


@st.fragment(run_every=SECONDS_BETWEEN_LOOKS)
def _follow(store: str) -> None:
    """The progress of a load; the page is drawn anew at its end."""
    job = child.loading()[store]
    if not job.is_running:
        st.rerun()
    share = min(job.done / job.total, 1.0) if job.total else 0.0
    st.progress(share, text=STAGES.get(job.stage, job.stage.capitalize()))
    page.write(
        '<p class="quiet">It goes on when you leave this page; what is live stays as it is until the end.</p>'
    )


def _ended(store: str, job: child.Job) -> None:
    """What the last load did, until it is put away."""
    if job.error:
        page.say_error(job.error)
    elif job.result:
        lines = "".join(f"<li>{plain(line)}</li>" for line in job.result["lines"])
        done = "Loaded." if job.result["published"] else "Nothing new in these files."
        page.write(f'<div class="state" role="status"><p><strong>{done}</strong></p><ul>{lines}</ul></div>')
        inbox.throw_away(Path(job.arguments[1]), load_settings().store_root / store / "inbox")
    if st.button("Put this message away"):
        child.loading().pop(store, None)
        st.rerun()
