"""Digest: what will go out, to whom, and did it?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import streamlit as st

from dashboard import digests, page
from dashboard.digests import Audience
from dashboard.evidence import plain
from dashboard.state import Data
from warehouse.errors import HeardError
from warehouse.ledger import reviewer
from warehouse.recipients import is_address
from warehouse.runs import last_run
from warehouse.sends import Send

QUESTION = "What will go out, to whom, and did it?"
TESTED, DECIDED = "digest test", "digest decided"
LATE = timedelta(hours=25)  # heard run is started every hour, or once a day
FRAME = 900  # pixels: a mail's first screen, the rest scrolls in its frame


def body(data: Data) -> None:
    """The page below its title; whoever may not see every audience's digest sees their own and nobody's address."""
    is_manager = digests.manages(data.rights)
    rows = digests.kept(data) if is_manager else []
    with st.spinner("Looking what goes out next"):
        ahead = digests.outlook(data, rows)
    if is_manager:
        page.write(f'<p class="answer">{_answer(data, ahead, rows)}</p>{_schedule(data)}')
        _decisions(data, rows)
        _recipients(data, rows)
    else:
        page.write(f'<p class="answer"><strong>{_next(ahead)}</strong> Below is what your role gets.</p>')
    _preview(data, ahead, rows, is_manager=is_manager)
    if is_manager:
        _ledger(data, rows)


def _next(ahead: dict[str, Any]) -> str:
    at = digests.said(ahead["next_at"], ahead["zone"])
    if ahead["is_waiting"]:
        until = digests.said(ahead["waits_until"], ahead["zone"])
        return (
            f"The digest of week {plain(ahead['week'])} waits for that week's export until {until}; then it goes out"
            " and says so."
        )
    return f"The next digest is that of week {plain(ahead['next_week'])}, on {at} ({plain(ahead['zone'] or 'UTC')})."


def _answer(data: Data, ahead: dict[str, Any], rows: Sequence[Send]) -> str:
    count = len(data.settings.recipients)
    if not count:
        return f"<strong>Nobody gets the digest yet.</strong> {_next(ahead)}"
    due = ahead["due"]
    now = f" {_people(len(due))} {'gets' if len(due) == 1 else 'get'} one with the next run." if due else ""
    newest = rows[0].week if rows else ""
    sent = sum(row.state == "sent" for row in rows if row.week == newest)
    all_of = sum(row.week == newest for row in rows)
    did = f" Of week {plain(newest)}, {sent:,} of {all_of:,} went out." if rows else " None was sent yet."
    undecided = len(digests.to_decide(rows))
    decide = f" {undecided:,} {'waits' if undecided == 1 else 'wait'} for your decision." if undecided else ""
    tried = len(ahead["pending"])
    again = f" {tried:,} failed and {'is' if tried == 1 else 'are'} tried again." if tried else ""
    problem = f" Nothing can be sent: {plain(ahead['problem'])}" if ahead["problem"] else ""
    who = f"{_people(count)} {'is' if count == 1 else 'are'} to get it."
    return f"<strong>{_next(ahead)}</strong> {who}{now}{did}{again}{decide}{problem}"


def _people(count: int) -> str:
    return f"{count:,} {'recipient' if count == 1 else 'recipients'}"


def _schedule(data: Data) -> str:
    """Whether anything starts the runs that send."""
    run = last_run(digests.folder_of(data))
    how = "<code>heard schedule systemd --install</code> (or cron, github, run) starts it by itself."
    if run is None:
        return f'<p class="quiet">Nothing has sent by a schedule so far: <code>heard run</code> was never started. {how}</p>'
    began = digests.said(run.began, digests.place(data))
    if datetime.now(UTC) - run.began > LATE:
        return f'<p class="quiet">The last <code>heard run</code> was on {began}: its schedule may have stopped. {how}</p>'
    return f'<p class="quiet">The last <code>heard run</code> began on {began}.</p>'


def _decisions(data: Data, rows: Sequence[Send]) -> None:
    """Sends of which nobody can tell whether they arrived: two buttons each."""
    done: str | None = st.session_state.pop(DECIDED, None)
    if done:
        page.write(f'<p role="status">{plain(done)}</p>')
    undecided = digests.to_decide(rows)
    if not undecided:
        return
    one = len(undecided) == 1
    page.heading(
        "Nobody can tell whether one digest arrived" if one else f"Nobody can tell whether {len(undecided):,} digests arrived",
        '<p class="quiet">They were handed over and no answer came. Ask whether it is there: what goes out again may arrive'
        " twice.</p>",
    )  # fmt: skip
    for row in undecided:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            page.write(
                f'<p><strong>{plain(row.name)}</strong>, week {plain(row.week)}, {digests.said(row.at, digests.place(data))}'
                f'<span class="small">{plain(row.error)}</span></p>'
            )  # fmt: skip
            for words, was_sent in (("It was sent", True), ("Send again", False)):
                st.button(
                    words, key=f"{words} {row.week} {row.recipient}", on_click=_decide, args=(data, row, was_sent),
                    help="Kept as sent; nothing more goes out." if was_sent else "It goes out with the next run.",
                )  # fmt: skip


def _decide(data: Data, row: Send, was_sent: bool) -> None:
    is_done = digests.decide(data, row, reviewer(data.settings), was_sent=was_sent)
    how = "kept as sent" if was_sent else "goes out with the next run"
    said = (
        f"{row.name}, week {row.week}: {how}."
        if is_done
        else f"{row.name}: it was decided elsewhere meanwhile."
    )
    st.session_state[DECIDED] = said


def _recipients(data: Data, rows: Sequence[Send]) -> None:
    count = len(data.settings.recipients)
    if count:
        page.heading(
            f"{_people(count)}, each with what their role may see", digests.recipients_html(data, rows)
        )
        return
    page.heading("Nobody gets the digest yet")
    page.state(
        "heard.toml names no recipients.",
        'Add <code>[[recipients]]</code> with <code>name = "Dana"</code>, <code>to = "dana@example.com"</code>,'
        ' <code>role = "director"</code>, and <code>[mail]</code> with your mail server; docs/digest.md tells the rest.',
    )


def _preview(data: Data, ahead: dict[str, Any], rows: Sequence[Send], *, is_manager: bool) -> None:
    """The mail of a week as an audience gets it, and a test of it."""
    weeks: list[str] = ahead["weeks"]
    page.heading("What they will read" if is_manager else "What you will read")
    if not weeks:
        page.state(
            "There is no week to tell of.", "The data hold no conversation and no answer to a survey yet."
        )
        return
    known = digests.audiences(data)
    asked = st.query_params.get("week", ahead["week"])
    with st.container(horizontal=True, gap="small"):
        week = st.selectbox(
            "Week", weeks, index=weeks.index(asked) if asked in weeks else 0, key="digest_week"
        )
        one = known[0]
        if len(known) > 1:
            place = st.selectbox(
                "For whom", range(len(known)), format_func=lambda at: known[at].title, key="digest_for"
            )
            one = known[place or 0]
    try:
        with st.spinner("Writing it"):
            found = digests.preview(data, str(week), one, rows)
    except HeardError as error:
        page.say_error(error)
        return
    stands = "As it is kept and was or will be sent." if found["is_kept"] else "As it would be written now; nothing of it is kept."  # fmt: skip
    page.write(f'<p><strong>{plain(found["subject"])}</strong></p><p class="quiet">{stands}</p>')
    st.iframe(digests.for_frame(found["html"]), height=FRAME, alt=f"The digest of week {week} as a mail")
    if is_manager:
        _test(data, str(week), one)


def _test(data: Data, week: str, one: Audience) -> None:
    """A test mail of what is shown, to an address that is typed."""
    mail = data.settings.mail
    if not (mail.host and mail.sender):
        page.write(
            '<p class="quiet">A test mail can be sent once heard.toml names a mail server below <code>[mail]</code>.</p>'
        )
        return
    if data.settings.recipients and not one.names:
        page.write(
            '<p class="quiet">No recipient gets this one. A test can be sent of what one of them gets.</p>'
        )
        return
    with st.form("digest_test", border=False):
        address = st.text_input(
            "Send a test to", max_chars=254, key="digest_test_to",
            help="A mail marked as a test goes to this address alone; nothing of it stands in the list of what was sent.",
        )  # fmt: skip
        if st.form_submit_button("Send the test"):
            _send_test(data, week, one, address.strip())
    for state, words in st.session_state.pop(TESTED, ()):
        page.write(f'<p role="status"><strong>{plain(state)}</strong>: {plain(words)}</p>')


def _send_test(data: Data, week: str, one: Audience, address: str) -> None:
    if not is_address(address):
        page.say_error(HeardError(f"{address!r} is not a mail address.", fix="type it as name@example.com"))
        return
    try:
        with st.spinner("Sending"):
            outcomes = digests.send_test(data, week, one, address)
    except HeardError as error:
        page.say_error(error)
        return
    st.session_state[TESTED] = [(digests.STATES[found["state"]], found["words"]) for found in outcomes]


def _ledger(data: Data, rows: Sequence[Send]) -> None:
    if not rows:
        page.heading(
            "Nothing was sent yet",
            '<p class="quiet">Each week and recipient will stand here with what became of it.</p>',
        )
        return
    sent, left = sum(row.state == "sent" for row in rows), sum(row.state == "failed" for row in rows)
    failed = f", {left:,} failed" if left else ""
    page.heading(f"{sent:,} sent{failed}: what became of each", digests.ledger_html(data, rows))


if __name__ == "__main__":
    page.run(QUESTION, body)
