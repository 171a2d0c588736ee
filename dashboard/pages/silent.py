"""Silent customers: who answers a survey, who does not, and what that leaves open."""

from __future__ import annotations

import streamlit as st

from dashboard import page
from dashboard.butterfly import butterfly
from dashboard.evidence import plain, unbroken
from dashboard.filters import Chosen, choose
from dashboard.links import CONVERSATIONS, SILENT, address, link
from dashboard.read import precision
from dashboard.silence import model_html, moods_html, quiet_html, rates_html, readings_html, silent_html
from dashboard.state import Data
from metrics import registry, validity, wording
from metrics.contrast import hearing, targets
from metrics.contrast.bounds import Tipping, tipping
from metrics.contrast.difference import Estimate
from metrics.contrast.everybody import everybody
from metrics.contrast.silence import gone_quiet
from metrics.contrast.silent import Rate, Silence, silence
from metrics.contrast.surveyed import SORTS, UNHAPPY, UNITS, Sort, Survey, surveys
from metrics.contrast.without_a_word import EVERY, without_a_word
from metrics.totals import totals
from warehouse.rights import Area

QUESTION = "Whom does the survey not hear?"
SURVEYS: dict[str, Survey] = {"Satisfaction (CSAT)": "csat", "Recommendation (NPS)": "nps"}
FIGURE: dict[Survey, str] = {"csat": "is_satisfied", "nps": "nps_net"}
TARGET: dict[Survey, tuple[str, int, int, int]] = {
    "csat": ("target", 80, 0, 100),
    "nps": ("nps_target", 0, -100, 100),
}
PAGE_LENGTH = 8
UNHAPPY_TITLE = "Left unhappy, or would warn others"
LISTS = {
    UNHAPPY_TITLE: UNHAPPY,
    "All of the silent": EVERY,
    **{f"{s.family}: {s.title}": s.key for s in SORTS},
}


def body(data: Data) -> None:
    """The page below its title."""
    chosen = choose(data)
    there = data.remember("surveys there", (), lambda: surveys(data.version))
    if not there:
        page.state(
            "No survey is in these data, so nobody is known to be silent.",
            "Load the ratings with the tickets, those that were sent and not answered too.",
            [link("What to export", "exports"), link("Load it", "data")],
        )
        _gone_quiet(data, chosen)
        return
    survey, target, query = _controls(data, there, chosen)
    found = data.remember(
        "silence", (chosen.scope, survey), lambda: silence(data.version, chosen.scope, survey, data.settings)
    )
    if not found.bounds.count_asked:
        page.state(
            "Nobody was asked by this survey.",
            f"No survey of this kind was sent {plain(chosen.period)} to whom these filters name.",
            [link("Show 52 weeks", SILENT, query, period="52 weeks"), link("Clear filters", SILENT)],
        )
        _gone_quiet(data, chosen)
        return
    tip = tipping(found.bounds, target)
    first, more = hearing.answer(found, chosen.period)
    behind = {"column": f"is_{survey}_answered", "answer": "no"} if found.is_asked_known else {}
    read = f" {link('Read the silent', CONVERSATIONS, chosen.query, behind)} ·" if behind else ""
    page.write(
        f'<p class="answer"><strong>{unbroken(first)}</strong> {unbroken(more)}{read} {page.how_counted("response_rate")}</p>'
    )
    asked_for = st.query_params.get("of") is not None
    _rates(data, found, chosen, query)
    if asked_for:
        _without_a_word(data, found, chosen, query)
    _readings(data, found, tip, chosen)
    if not asked_for:
        _without_a_word(data, found, chosen, query)
    _moods(data, found)
    _gone_quiet(data, chosen)


def _controls(data: Data, there: tuple[Survey, ...], chosen: Chosen) -> tuple[Survey, float, dict[str, str]]:
    """Which survey and which target; the target is the organisation's own where it set one."""
    titles = [title for title, survey in SURVEYS.items() if survey in there]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        title = titles[0]
        if len(titles) > 1:
            title = st.segmented_control(
                "Survey", titles, default=titles[0], required=True, key="survey", bind="query-params"
            ) or titles[0]  # fmt: skip
        survey = SURVEYS[title]
        key, usual, least, most = TARGET[survey]
        own = targets.on(targets.targets(data.version), FIGURE[survey], data.as_of_date)
        scale = 100 if UNITS[survey] == "share" else 1
        default = min(max(round(own.value * scale), least), most) if own else usual
        wanted = st.number_input(
            f"Target, {'%' if scale == 100 else 'points'}", min_value=least, max_value=most, value=default, step=1, key=key,
            bind="query-params", width=150,
            help="Below which figure of everybody would you not want to be? "
            + ("It starts at the target that is set for it." if own else "Targets of your own are set under Over time."),
        )  # fmt: skip
    value = default if wanted is None else int(wanted)
    query = {
        **chosen.query,
        **({"survey": title} if title != titles[0] else {}),
        **({key: str(value)} if value != default else {}),
    }
    return survey, value / scale, query


def _rates(data: Data, found: Silence, chosen: Chosen, query: dict[str, str]) -> None:
    """Who answered, by how the conversation ended."""
    if not found.rates:
        _heading("No conversation belongs to these surveys")
        return
    notes = {rate.sort.key: _note(data, rate.sort) for rate in found.rates}

    def where(rate: Rate) -> str:
        return address(SILENT, query, of=f"{rate.sort.family}: {rate.sort.title}")

    _heading(
        hearing.who_answers(found.rates, data.settings.display.too_few),
        rates_html(found.rates, data.settings.display.too_few, where, notes)
        + '<p class="quiet">Of everybody who was asked in this period, each customer\'s surveys taken together. Ending, mood and'
        " words are read from the conversation, never from the survey's own comment. An association: who leaves how may differ in more than that.</p>",
    )


def _note(data: Data, sort: Sort) -> str:
    standing = validity.standing(registry.find(sort.column)[0], precision(data))
    return f"experimental: {standing.why}" if standing.is_experimental else ""


def _readings(data: Data, found: Silence, tip: Tipping, chosen: Chosen) -> None:
    """The bounds, the tipping point, and the model's estimate."""
    bounds, least = found.bounds, data.settings.display.too_few
    _heading(hearing.tipping_point(bounds, tip, found.survey))
    if bounds.count_asked < least:
        page.write(
            f'<p class="quiet">{bounds.count_asked:,} asked: below {least} we show the conversations, not a rate.</p>'
        )
        return
    estimate = data.remember(
        "everybody",
        (chosen.scope, found.survey),
        lambda: everybody(data.version, chosen.scope, found.survey, data.settings),
    )
    page.write(readings_html(bounds, found.figure, estimate, tip))
    _heading(hearing.estimate(estimate, found.survey, bounds.unit))
    said = (
        f"{plain(estimate.why)} "
        if estimate.why
        else "An estimate, not a measurement: nobody asked the silent again. "
    )
    page.write(f"<p>{said}</p>{model_html(estimate, bounds.unit)}")


def _without_a_word(data: Data, found: Silence, chosen: Chosen, query: dict[str, str]) -> None:
    """Who left without a word, the unhappiest first, each with the sentence that says most."""
    count = found.count_unhappy
    _heading(
        f"{count:,} left unhappy, or would warn others, and did not answer the survey"
        if count != 1
        else "One left unhappy, or would warn others, and did not answer the survey"
    )
    title = st.selectbox(
        "Which of the silent", list(LISTS), key="of", bind="query-params", width=360,
        on_change=_from_the_first,
    )  # fmt: skip
    sort, offset = LISTS[title or UNHAPPY_TITLE], PAGE_LENGTH * (page.page_number() - 1)
    rows = data.remember(
        "without a word",
        (chosen.scope, found.survey, sort, offset),
        lambda: without_a_word(
            data.version, chosen.scope, found.survey, sort, data.settings, limit=PAGE_LENGTH, offset=offset
        ),
    )
    if rows.height == 0:
        page.write('<p class="quiet">None of the silent is of this sort.</p>')
        return
    filters = {**query, **({"of": title} if title and title != UNHAPPY_TITLE else {})}
    listed = int(rows["count_all"][0])
    page.write(
        f'<p class="quiet">{listed:,} {"conversation" if listed == 1 else "conversations"}, those who would warn others first, then the'
        f" unhappiest.</p>{silent_html(rows, chosen.query, found.survey, is_asked_known=found.is_asked_known)}"
        f"{page.pager(SILENT, listed, PAGE_LENGTH, page.page_number(), filters)}"
    )


def _heading(finding: str, below: str = "") -> None:
    """A section's title, with no line break between a number and its percent sign."""
    page.heading(finding.replace(" %", "\u00a0%"), below)


def _from_the_first() -> None:
    st.query_params.pop("page", None)


def _moods(data: Data, found: Silence) -> None:
    """The moods of those who answered and of the silent, back to back."""
    answered, silent, least = found.mood_answered, found.mood_silent, data.settings.display.too_few
    if min(answered.n, silent.n) < least:
        _heading("Too few moods could be followed to hold the silent against those who answered")
        page.write(f'<p class="quiet">{answered.n:,} of those who answered and {silent.n:,} of the silent wrote after our answer in words that can be read; it takes {least} of each.</p>')  # fmt: skip
        return
    bounds = found.bounds
    _heading(
        hearing.moods(answered, silent),
        f'<p>Mood after our answer: <span class="form">those who answered</span> to the left ({answered.n:,} of {bounds.count_answered:,}'
        f' wrote after our answer), <span class="function">the silent</span> to the right ({silent.n:,} of {bounds.count_silent:,}); each in percent of its side.</p>',
    )
    butterfly(
        found.histogram, key="butterfly", alt="Mood after our answer of those who answered and of the silent"
    )
    page.write(_means(answered, silent) + moods_html(found.histogram))


def _means(answered: Estimate, silent: Estimate) -> str:
    parts = (
        f"{name} {wording.say(one.value, 'mood')} ({wording.say_interval(one.low, one.high, 'mood')})"
        for name, one in (("answered", answered), ("silent", silent))
    )
    return (
        f'<p class="quiet">On average: {plain("; ".join(parts))}. {page.how_counted("sentiment_shift")}</p>'
    )


def _gone_quiet(data: Data, chosen: Chosen) -> None:
    """Regular customers who left unhappy and have not been heard from since."""
    row = data.remember(
        "gone quiet count",
        chosen.scope,
        lambda: totals(data.version, ["is_gone_quiet"], chosen.scope).to_dicts(),
    )
    told = row[0] if row else None
    if told is None or not told["n"]:
        _heading("Whether anybody has gone quiet can not be told")
        page.write(
            '<p class="quiet">No regular customer\'s last conversation that can be read ended in this period.</p>'
        )
        return
    count = round((told["value"] or 0) * told["n"])
    of = f"of {told['n']:,} regular customers whose last conversation ended {chosen.period}"
    _heading(
        f"{count:,} {of} left unhappy and {'is' if count == 1 else 'are'} silent beyond their own rhythm"
        if count
        else f"None {of} has gone quiet"
    )
    if not count:
        return
    share = wording.say_interval(told["low"], told["high"], "share")
    every = link(
        "read their last conversations", CONVERSATIONS, chosen.query, column="is_gone_quiet", answer="yes"
    )
    rate = (
        f"{wording.say(told['value'], 'share')} ({share}); "
        if told["n"] >= data.settings.display.too_few
        else ""
    )
    page.write(f'<p class="quiet">{plain(rate)}{every} · {page.how_counted("gone_quiet")}</p>')
    if data.rights.may(Area.CUSTOMERS):
        rows = data.remember(
            "gone quiet list", chosen.scope, lambda: gone_quiet(data.version, chosen.scope, PAGE_LENGTH)
        )
        page.write(quiet_html(rows, chosen.query))


if __name__ == "__main__":
    page.run(QUESTION, body)
