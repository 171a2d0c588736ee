"""What each verb of `heard` does: calls the pipeline and prints what a person needs to know."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl

from metrics import periods, registry, spreadsheet, validity, wording
from metrics import reading as conversations
from metrics.conversations import check_values
from metrics.loaded import rejects
from metrics.review_figures import COLUMNS as CORRECTED
from metrics.review_figures import with_corrected
from metrics.totals import Scope, totals
from pipelines import export as files
from pipelines import status as state
from pipelines import terminal
from pipelines.verbs_loading import Bar, load, pairs
from warehouse.errors import HeardError, NoData
from warehouse.rights import Rights, from_words, to_environment
from warehouse.settings import PROJECT, Settings, load_settings
from warehouse.store import Store

SAMPLE = PROJECT / "data" / "sample"


def _opened(options: argparse.Namespace) -> tuple[Settings, Store]:
    settings = load_settings(options.settings)
    return settings, Store(settings.store_root, getattr(options, "store", "demo"))


def _say_demo(store: Store) -> None:
    if store.name == "demo":
        print("Demo data: a fictional company.")


def serve(options: argparse.Namespace) -> int:
    """heard serve"""
    settings, store = _opened(options)
    if store.current() is None:
        print(f"The store {store.name!r} is empty; the dashboard will say what to do.")
    rights = from_words(options.role, options.team) if options.role else Rights()
    return _serve(settings, store.name, options.port, rights)


def _serve(settings: Settings, store: str, port: int, rights: Rights | None = None) -> int:
    environment = {**os.environ, "HEARD_STORE_NAME": store, **to_environment(rights or Rights())}
    if settings.file:
        environment["HEARD_SETTINGS"] = str(settings.file)
    print(f"Heard is at http://127.0.0.1:{port} (stop it with Ctrl+C)", flush=True)
    command = [sys.executable, "-m", "streamlit", "run", str(PROJECT / "app.py"), "--server.port", str(port)]
    try:
        return subprocess.run(command, cwd=PROJECT, env=environment, check=False).returncode
    except KeyboardInterrupt:
        return 0


def demo(options: argparse.Namespace) -> int:
    """heard demo"""
    settings, store = _opened(options)
    options.paths, options.map, options.mapping, options.dates = [SAMPLE], [], None, None
    options.source, options.as_of, options.rescore = None, None, False
    print("Loading the sample export of a fictional company into the demo store.", flush=True)
    with Bar() as bar:
        summary = load(settings, store, options, bar)
    for line in summary.lines():
        print(line)
    return 0 if options.no_serve else _serve(settings, store.name, options.port)


def digest(options: argparse.Namespace) -> int:
    """heard digest"""
    from pipelines.digest.build import build
    from pipelines.digest.forms import ENDINGS, form
    from pipelines.digest.stored import audience
    from pipelines.digest.ways.folder import write, writing_to
    from pipelines.printed import remember

    settings, store = _opened(options)
    if options.team and not options.role:
        raise HeardError("A team is named without a role.", fix=f"--role lead --team {options.team[0]!r}")
    rights = from_words(options.role, options.team) if options.role else Rights()
    with store.reading(rights) as version:
        week = options.week or periods.last_whole_week(version)
        built = build(version, week, settings, is_demo=store.name == "demo")
        with writing_to(options.out, "--out"):
            options.out.mkdir(parents=True, exist_ok=True)
        if not rights.teams:
            remember(version, store, week, settings)
    name = f"heard-{week}-{audience(rights)}" if options.role else f"heard-{week}"
    for kind in dict.fromkeys(options.form or ("html", "md")):
        path = options.out / f"{name}.{ENDINGS[kind][0]}"
        content = form(built, kind)
        with writing_to(path, "--out"):
            write(path, content)
        print(path)
    return 0


def measure(options: argparse.Namespace) -> int:
    """heard measure"""
    from pipelines.printed import since_printed

    if options.list:
        for one in registry.discover():
            stands = validity.standing(one)
            print(
                f"{one.name}: {one.question}{f' (experimental: {stands.why})' if stands.is_experimental else ''}"
            )
            for column in one.columns:
                print(f"    {column.name}: {column.title}")
        return 0
    if not options.names:
        raise HeardError(
            "No measure is named.",
            fix="heard measure csat sentiment_shift --by team, or heard measure --list",
        )
    settings, store = _opened(options)
    if options.since_printed:
        with store.reading() as version:
            for line in since_printed(version, store, options.names, settings):
                print(line)
        return 0
    where = {name: tuple(value.split(",")) for name, value in pairs(options.where, "--where").items()}
    scope = Scope(options.date_from, options.date_to, where)
    with store.reading() as version:
        check_values(version, where)
        frame = with_corrected(version, totals(version, options.names, scope, tuple(options.by)), settings)
    if frame["n_reviewed"].is_null().all():
        frame = frame.drop(CORRECTED)
    _print_totals(frame, store, options)
    return 0


def _print_totals(frame: pl.DataFrame, store: Store, options: argparse.Namespace) -> None:
    if options.format == "json":
        print(
            json.dumps(
                frame.with_columns(store=pl.lit(store.name)).to_dicts(),
                ensure_ascii=False,
                indent=1,
                default=str,
            )
        )
    elif options.format == "csv":
        print(spreadsheet.csv(frame.with_columns(store=pl.lit(store.name))).decode(), end="")
    else:
        _say_demo(store)
        _print_table(frame, options.by)


def _print_table(frame: pl.DataFrame, by: list[str]) -> None:
    header = ["measure", *by, "value", "95 % interval", "n", "of", "coverage"]
    header += ["corrected for reading errors"] if CORRECTED[0] in frame.columns else []
    rows = []
    for row in frame.iter_rows(named=True):
        _, column = registry.find(row["column"])
        groups = ["(none)" if row[name] is None else str(row[name]) for name in by]
        still_open = f"{row['n']:,}" + (
            f" ({row['count_open']:,} still waiting)" if row.get("count_open") else ""
        )
        rows.append(
            [row["column"], *groups, wording.say(row["value"], column.unit),
             wording.say_interval(row["low"], row["high"], column.unit), still_open, f"{row['n_possible']:,}",
             wording.say(row["coverage"], "share"), *_corrected(row)]
        )  # fmt: skip
    widths = [max(len(line[place]) for line in [header, *rows]) for place in range(len(header))]
    for line in [header, *rows]:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
    for name in frame["measure"].unique(maintain_order=True):
        stands = validity.standing(registry.measure(name))
        if stands.is_experimental:
            print(f"{name} is experimental: {stands.why}.")


def _corrected(row: dict[str, Any]) -> list[str]:
    """The rate corrected for reading errors, where its figures were reviewed; no cell where nothing was."""
    if CORRECTED[0] not in row:
        return []
    if row["n_reviewed"] is None:
        return [""]
    if row["corrected"] is None:
        return [f"not checked on your data ({row['n_reviewed']:,} reviews)"]
    interval = wording.say_interval(row["corrected_low"], row["corrected_high"], "share")
    return [f"{wording.say(row['corrected'], 'share')} ({interval}; {row['n_reviewed']:,} reviews)"]


def reconcile(options: argparse.Namespace) -> int:
    """heard reconcile"""
    from metrics import reconcile as figures
    from pipelines.reconcile import stated_in

    settings, store = _opened(options)
    with Bar() as bar:
        theirs = (
            stated_in(options.file, store=store, settings=settings, progress=bar) if options.file else None
        )
    with store.reading() as version:
        rows = figures.differences(version, figures.stated(version) if theirs is None else theirs)
    if rows.is_empty():
        raise NoData(
            "Nothing loaded states the helpdesk's own figures.",
            fix="heard reconcile FILE, with an export that has them (heard guide SYSTEM)",
        )
    if options.out:
        files.write(rows, options.out, store=store.name)
        print(f"{options.out}: {rows.height:,} rows")
        return 0
    totals_of_them, reasons = figures.summed_up(rows), figures.reasons(rows)
    if options.format == "json":
        print(
            json.dumps(
                {"figures": totals_of_them.to_dicts(), "reasons": reasons.to_dicts()},
                ensure_ascii=False,
                indent=1,
            )
        )
        return 0
    _say_demo(store)
    for one in totals_of_them.iter_rows(named=True):
        _print_reconciled(one, reasons)
    return 0


def _print_reconciled(one: dict[str, Any], reasons: pl.DataFrame) -> None:
    hours = f", {one['hours']} hours" if one["hours"] else ""
    print(f"{one['figure']}{hours}: {one['n_same']:,} of {one['n']:,} tickets are the same.")
    if one["hours"] and one["median_theirs"] is not None and one["median_ours"] is not None:
        theirs, ours = (wording.say(one[name], "minutes") for name in ("median_theirs", "median_ours"))
        print(f"  median theirs {theirs}, ours {ours}, of the tickets where both are known")
    here = reasons.filter((pl.col("figure") == one["figure"]) & (pl.col("hours") == one["hours"]))
    for why in here.iter_rows(named=True):
        print(f"  {why['n']:>6,}  {why['why']} (as {', '.join(why['examples'])})")


def read(options: argparse.Namespace) -> int:
    """heard read"""
    _, store = _opened(options)
    with store.reading() as version:
        reading = conversations.read(version, options.ticket, options.source)
    _say_demo(store)
    for line in terminal.lines(
        reading, marks=("\033[1;4m", "\033[0m") if sys.stdout.isatty() else ("[[", "]]")
    ):
        print(line)
    return 0


def export(options: argparse.Namespace) -> int:
    """heard export"""
    _, store = _opened(options)
    with store.reading() as version:
        frame = files.frame_of(options.what, version, options.grain)
    files.write(frame, options.out, store=store.name)
    print(f"{options.out}: {frame.height:,} rows")
    return 0


def status(options: argparse.Namespace) -> int:
    """heard status"""
    _, store = _opened(options)
    with store.reading() as version:
        for line in state.lines(version, store):
            print(line)
        if options.left_out:
            print("Left out, by reason:")
            for line in state.left_out_lines(version):
                print(f"  {line}")
        if options.rejects:
            print("Refused rows:")
            for file, number, reason, raw in rejects(version).rows():
                print(
                    f"  {file}{f', line {number}' if number else ''}: {reason} {json.dumps((raw or '')[:200], ensure_ascii=False)}"
                )
    return 0


def doctor(options: argparse.Namespace) -> int:
    """heard doctor"""
    settings, store = _opened(options)
    is_well = True
    for check in state.checks(settings, store):
        print(f"{'well ' if check.is_well else 'MEND '} {check.what}")
        if not check.is_well:
            is_well = False
            print(f"      Fix: {check.fix}")
    return 0 if is_well else 1


def sample(options: argparse.Namespace) -> int:
    """heard sample"""
    from pipelines.sample import STORIES, generate

    unknown = sorted(set(options.without) - {story.name for story in STORIES})
    if unknown:
        raise NoData(
            f"There is no story called {unknown[0]!r}.", fix=f"known are {', '.join(s.name for s in STORIES)}"
        )
    out: Path = options.out
    out.mkdir(parents=True, exist_ok=True)
    with Bar() as bar:
        generate(out, tickets=options.tickets, seed=options.seed, without=frozenset(options.without), queues=options.queues,
                 progress=lambda done: bar("Writing tickets", done, options.tickets))  # fmt: skip
    print(f"{out}: {options.tickets:,} tickets of a fictional company")
    return 0
