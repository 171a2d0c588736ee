"""Digests that are looked at before they are sent: written to a folder, or mailed to oneself. The ledger knows nothing of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from pipelines.digest import stored as kept
from pipelines.digest.deliver import Outcome, Report, parcel
from pipelines.digest.outstanding import has_arrived
from pipelines.digest.ways import mail
from pipelines.digest.ways.folder import write, writing_to
from pipelines.digest.ways.parcel import NotSentError, Stored, Unknown
from warehouse.recipients import Recipient
from warehouse.settings import Settings
from warehouse.store import Store


def send_test(
    store: Store, settings: Settings, week: str, recipients: Sequence[Recipient], address: str, now: datetime
) -> Report:
    """Mail what each audience of these recipients would get to an address. The ledger knows nothing of it."""
    by_audience = {one.rights: one for one in recipients}
    outcomes = []
    with TemporaryDirectory() as scratch:
        for one in by_audience.values():
            content = previewed(store, settings, week, one, Path(scratch))
            to = replace(one, by="mail", to=address)
            try:
                mail.send(parcel(store, settings, content, to, now, is_test=True), lambda: None)
                outcomes.append(Outcome(week, to.key, content.audience, "sent", f"test to {address}"))
            except NotSentError as error:
                outcomes.append(Outcome(week, to.key, content.audience, "failed", error.why))
            except Unknown as error:
                outcomes.append(Outcome(week, to.key, content.audience, "unknown", error.why))
    return Report(tuple(outcomes))


def previewed(store: Store, settings: Settings, week: str, one: Recipient, into: Path) -> Stored:
    """What a recipient would get of a week; nothing of it is kept."""
    is_there = has_arrived(store, settings, week)
    return kept.previewed(store, week, one.rights, settings, into, has_arrived=is_there)


def preview(
    store: Store, settings: Settings, week: str, recipients: Sequence[Recipient], into: Path, now: datetime
) -> list[Path]:
    """Write what each of these recipients would get: a mail as .eml, a chat message as .json, else its files."""
    written: list[Path] = []
    with writing_to(into, "--preview"):
        into.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as scratch:
        for number, one in enumerate(recipients, start=1):
            content = previewed(store, settings, week, one, Path(scratch))
            # A name may hold anything: the place in the list names the file.
            name = f"{number:02}-{one.by}-{content.audience}-{week}"
            if one.by == "mail":
                made = mail.as_bytes(mail.message(parcel(store, settings, content, one, now, is_test=True)))
                files = {f"{name}.eml": made}
            elif one.by == "folder":
                endings = {path: path.name.removeprefix(f"heard-{week}") for path in content.files}
                files = {f"{name}{ending}": path.read_bytes() for path, ending in endings.items()}
            else:
                files = {f"{name}.json": content.chat[one.by].encode()}
            for file, text in files.items():
                with writing_to(into / file, "--preview"):
                    write(into / file, text)
                written.append(into / file)
    return written
