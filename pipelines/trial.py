"""Exports tried out: read into a temporary store, told in one web page, and forgotten."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from metrics import ideas, registry, review_figures, ripening
from metrics.contrast import asked, looks_fine_rule, targets
from metrics.contrast.pairs import Pair, headline, ledger
from metrics.measure import Capability
from metrics.quotes import Key
from metrics.totals import Scope
from pipelines import guides
from pipelines.digest import listed
from pipelines.digest.addresses import addresses
from pipelines.digest.content import Digest, Line, Section
from pipelines.digest.dates import say_days
from pipelines.digest.doubts import doubts_of_all
from pipelines.digest.ledger_rows import SCALES, rows
from pipelines.digest.render import render_report
from pipelines.digest.stands_on import as_of_day, coverage, first_and_last_day
from pipelines.digest.voices import ideas_unanswered
from pipelines.summary import Summary, unavailable
from pipelines.trial_told import Report, command, counted, moves
from warehouse.errors import NoData
from warehouse.settings import Settings
from warehouse.store import Store, Version

MOST = 6  # conversations or ideas in a list: more than a week's mail holds, few enough to be read
MOST_NAMED = 8


def report(
    store: Store,
    settings: Settings,
    summary: Summary,
    paths: Sequence[Path],
    *,
    is_demo: bool = False,
    tell: Callable[[str, int, int], None] = lambda stage, done, total: None,
) -> str:
    """One self-contained web page about all that a store holds. Raises NoData where the files hold no conversation."""
    with store.reading() as version:
        first, last = first_and_last_day(version)
        if first is None or last is None:
            left_out = summary.total("count_left_out")
            why = f" {left_out:,} tickets are of a kind that is never counted." if left_out else ""
            raise NoData(f"These files hold no conversation that can be counted.{why}",
                         fix=f"{command('look', paths)} says how they are understood")  # fmt: skip
        tell("telling", 0, 3)
        scope = Scope(rules=looks_fine_rule.rules(version, settings))
        asked.check(version, review_figures.precision(version, settings))
        asked.prepare(version, scope, None)
        answer = headline(version, scope, too_few=settings.display.too_few)
        pairs = ledger(version, scope)
        where = addresses("", version.rights, scope)
        day = as_of_day(version) or last
        tell("telling", 1, 3)
        basis, stands = coverage(version, scope, settings)
        told: list[Key] = []
        fine, saves = listed.quoted(version, scope, where, told, MOST)
        sections = (
            Section("read", "What could be read", items=_read(summary, stands)),
            _missing(summary, pairs),
            fine or _none_looks_fine(version, scope),
            _ideas(version, scope),
            saves,
            listed.worth(version, scope, where, told),
            listed.promises(version, scope, where),
        )
        tell("telling", 2, 3)
        digest = Digest(
            week="",
            dates=say_days(first, max(first, last)) if first != last else f"{first:%-d %B %Y}",
            organisation=settings.organisation.name,
            is_demo=is_demo,
            subject=f"Heard: {answer.answer}",
            answer=answer.answer,
            more=answer.more,
            basis=basis,
            rows=rows(pairs, targets.targets(version), where, day=day, has_before=False,
                      too_few=settings.display.too_few),
            scales=SCALES,
            sections=tuple(one for one in sections if one),
            coverage=(),
            caveats=(*_time(version), *doubts_of_all(version, pairs, settings)),
            url="",
        )  # fmt: skip
        html = render_report(digest, Report(counted(pairs, settings), moves(summary, paths)))
    tell("telling", 3, 3)
    return html


def _read(summary: Summary, stands: Sequence[str]) -> tuple[Line, ...]:
    """How much could be read: of the conversations, then of the files; one by one those of which there is more to say."""
    files, refused, left_out = summary.files, summary.total("count_refused"), summary.total("count_left_out")
    many = f"{len(files):,} files" if len(files) > 1 else files[0].file if files else "Nothing new"
    lines = [Line(words) for words in stands]
    read = f"{summary.total('count_read'):,} rows read, {f'{refused:,}' if refused else 'none'} refused"
    kinds = "merged, deleted, spam and test tickets, which are in no figure"
    lines.append(
        Line(f"{many}: {read}{f', {left_out:,} tickets left out' if left_out else ''}.",
             about=f"left out: {kinds}" if left_out else "")
    )  # fmt: skip
    for file in files:
        told = [f"{file.count_refused:,} rows refused, the first because: {_ended(file.refused[0][2])}"] if file.refused else []  # fmt: skip
        told += file.notes
        if told:
            lines.append(Line(f"{file.file if len(files) > 1 else 'Of these'}: {_ended('; '.join(told))}"))
    lines += [Line(f"Not read: {name}.", about=why) for name, why in summary.passed[:MOST_NAMED]]
    if summary.count_tickets_without_messages:
        count = summary.count_tickets_without_messages
        lines.append(Line(f"{count:,} {'ticket' if count == 1 else 'tickets'} came without messages."))
    return tuple(lines)


def _missing(summary: Summary, pairs: Sequence[Pair]) -> Section | None:
    """What these files can not tell and what to export to be told: what the ledger asks about line by line, the rest together."""
    lacking = summary.unavailable
    items, rest = [], list[str]()
    if Capability.MESSAGES not in summary.capabilities:
        words = "All that conversations show, and how fast and how often customers were answered"
        items.append(Line("Export the tickets with their messages (comments).", why=f"Not told: {words}"))
        lacking = unavailable([*summary.capabilities, Capability.MESSAGES])
    asked_about = {figure.measure for pair in pairs for figure in (*pair.scores, *pair.conversations)}
    for one in lacking:
        titles = guides.briefly([registry.measure(name).title for name in one.measures])
        if asked_about.isdisjoint(one.measures):
            rest += titles
        else:
            items.append(Line(one.unlock, why=f"Not told: {', '.join(titles)}"))  # fmt: skip
    if rest:
        items.append(Line(f"{'Nor' if items else 'Not told'}: {', '.join(rest)}."))
    if not items:
        return None
    return Section(
        "missing", "What these files can not tell, and what to export",
        "What is not measured is left out, never counted as nought.", tuple(items),
    )  # fmt: skip


def _none_looks_fine(version: Version, scope: Scope) -> Section:
    """Why no conversation that looks fine and isn't stands here."""
    row = next(iter(asked.totals(version, asked.told(version, ["looks_fine_isnt"]), scope).to_dicts()), None)
    count = int(row["n"] or 0) if row else 0
    if count:
        return Section(
            "looks_fine", f"None of the {count:,} conversations that look fine was found not to be"
        )
    return Section(
        "looks_fine", "Which conversations look fine and aren't can not be told",
        "It takes conversations that are known to be solved or closed, with what customers and agents wrote in them. "
        "Export the tickets with their status and their messages.",
    )  # fmt: skip


def _ideas(version: Version, scope: Scope) -> Section | None:
    """The ideas that nobody answered; null where no idea was found."""
    quotes, summary = ideas_unanswered(version, scope, "", whose="these", most=MOST)
    if not any(ideas.counts(version, scope).values()):
        return None
    return Section("ideas", "Ideas nobody answered" if quotes else "Ideas", summary, quotes)


def _time(version: Version) -> list[str]:
    """For which instant the data stand, and whose days they are counted in."""
    known = ripening.known(version)
    if known.as_of is None:
        return []
    zone = known.zone or "UTC, as no other zone is known"
    until = as_of_day(version)
    return [
        f"The data end on {until:%-d %B %Y}; what was answered, rated or reopened after that is not in them. Days are "
        f"those of {zone}."
    ]


def _ended(words: str) -> str:
    return words if words.endswith((".", "!", "?")) else f"{words}."
