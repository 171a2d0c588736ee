"""The verbs below `heard digest` for what was sent and to whom: show, resolve, unsubscribe."""

from __future__ import annotations

import argparse
import dataclasses
import json
from datetime import UTC, datetime

from metrics import periods
from pipelines.digest import told
from pipelines.run_log import FINE
from pipelines.terminal import visible
from warehouse.errors import BadInput, NoData
from warehouse.ledger import reviewer
from warehouse.recipients import is_address
from warehouse.sends import Sends
from warehouse.settings import Settings, load_settings
from warehouse.store import Store
from warehouse.unsubscribed import Unsubscribed


def show(options: argparse.Namespace) -> int:
    """heard digest show"""
    settings, store = _opened(options)
    if options.week:
        periods.week_days(options.week)  # refuses what is no week
    rows = Sends(store.folder).sends(options.week) if (store.folder / "ledger.sqlite").exists() else []
    if options.json:
        print(
            json.dumps([dataclasses.asdict(one) for one in rows], ensure_ascii=False, indent=1, default=str)
        )
        return FINE
    if not rows:
        print("No digest was sent yet.")
    for row in rows:
        for line in told.lines(row, settings):
            print(visible(line))
    return FINE


def resolve(options: argparse.Namespace) -> int:
    """heard digest resolve"""
    settings, store = _existing(options)
    periods.week_days(options.week)
    sends = Sends(store.folder)
    wanted = options.recipient.casefold()
    of_week = sends.sends(options.week)
    found = [
        one for one in of_week
        if wanted in (one.name.casefold(), one.recipient.casefold(), one.recipient.partition(":")[2].casefold())
    ]  # fmt: skip
    if len(found) != 1:
        known = ", ".join(one.name for one in of_week) or "nobody"
        raise NoData(
            f"The ledger of week {options.week} has {len(found) or 'no'} recipients {options.recipient!r}; it knows {known}.",
            fix=f"heard digest show --week {options.week}",
        )
    one = found[0]
    is_done = sends.resolve(
        one.week, one.recipient, was_sent=options.sent, now=datetime.now(UTC), who=reviewer(settings)
    )
    if not is_done and one.state == "failed":
        raise BadInput(
            f"{one.name}, week {one.week}, did not get it: {one.error}",
            fix=f'heard digest resolve {one.week} "{one.name}" --send-again',
        )
    if not is_done:
        raise BadInput(
            f"Nothing is to be decided: {one.name}, week {one.week}, is {one.state}.", fix="heard digest show"
        )
    print(f"{one.name}, week {one.week}: {'kept as sent' if options.sent else 'goes out with the next run'}.")
    return FINE


def unsubscribe(options: argparse.Namespace) -> int:
    """heard digest unsubscribe"""
    settings, store = _existing(options)
    listed = Unsubscribed(store.folder)
    if options.address is None:
        for one in listed.all().values():
            print(visible(f"{one.address}  since {one.at:%Y-%m-%d}, by {one.who}"))
        return FINE
    if not is_address(options.address):
        raise BadInput(
            f"{options.address!r} is not a mail address.", fix="heard digest unsubscribe name@example.com"
        )
    if options.back:
        was_there = listed.take_off(options.address)
        print(f"{options.address} {'gets digests again' if was_there else 'was not on the list'}.")
    else:
        is_new = listed.add(options.address, datetime.now(UTC), reviewer(settings))
        print(f"{options.address} {'gets no more digests' if is_new else 'was on the list already'}.")
    return FINE


def _opened(options: argparse.Namespace) -> tuple[Settings, Store]:
    settings = load_settings(options.settings)
    return settings, Store(settings.store_root, options.store)


def _existing(options: argparse.Namespace) -> tuple[Settings, Store]:
    """Settings and a store that is there: asking about a name with a slip in it makes no store."""
    settings, store = _opened(options)
    if not _is_there(store):
        names = [one.name for one in sorted(settings.store_root.glob("*/")) if one.name.isidentifier()]
        known = [name for name in names if _is_there(Store(settings.store_root, name))]
        raise NoData(
            f"There is no store {store.name!r}.",
            fix=f"--store {'|'.join(known)}" if known else "heard ingest PATH makes the first",
        )
    return settings, store


def _is_there(store: Store) -> bool:
    return any((store.folder / name).exists() for name in ("current", "ledger.sqlite"))
