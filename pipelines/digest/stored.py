"""What is sent of a week, built once for each audience and kept beside the store's ledger: every try sends the same.

An audience is a role and, of a lead, the teams: two readers with the same rights get the same digest.
"""

from __future__ import annotations

import json
import os
import shutil
import traceback
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from pipelines.digest import notice
from pipelines.digest.build import build
from pipelines.digest.content import Digest
from pipelines.digest.forms import ENDINGS, Kind, form
from pipelines.digest.ways import slack, teams
from pipelines.digest.ways.parcel import Stored
from pipelines.printed import remember
from warehouse.errors import NoData
from warehouse.rights import Rights
from warehouse.settings import Settings
from warehouse.store import Store

READ: Final[tuple[Kind, ...]] = ("html", "text", "md", "json")
ATTACHED: Final[tuple[Kind, ...]] = ("page", "pdf", "xlsx")
_ABOUT: Final = "about.json"


def audience(rights: Rights) -> str:
    """The audience's name, fit for a folder."""
    if not rights.teams:
        return str(rights.role)
    return f"{rights.role}-{sha256(json.dumps(sorted(rights.teams)).encode()).hexdigest()[:12]}"


def folder_of(store: Store, week: str, rights: Rights) -> Path:
    """Where a week is kept for an audience."""
    return store.folder / "digests" / week / audience(rights)


def is_stored(store: Store, week: str, rights: Rights) -> bool:
    """Whether a week was built for an audience already."""
    return (folder_of(store, week, rights) / _ABOUT).exists()


def stored(
    store: Store, week: str, rights: Rights, settings: Settings, *, has_arrived: bool = True
) -> Stored:
    """The week as this audience gets it: as it is kept, else built now and kept.

    Where the data have nothing to tell, it is a notice that says so; has_arrived: whether the week's export came. What was
    built before it came, a notice or a week that is cut, is built anew once it has. To be called by whoever holds the
    lock of sending: what is being sent is not replaced.
    """
    folder = folder_of(store, week, rights)
    known = kept(store, week, rights, has_arrived=has_arrived)
    if known is None:
        fresh = folder.with_name(f".{folder.name}.{os.getpid()}.part")
        shutil.rmtree(fresh, ignore_errors=True)
        try:
            _make(fresh, store, week, rights, settings, has_arrived=has_arrived, is_kept=True)
            shutil.rmtree(folder, ignore_errors=True)  # what a crash left of it, without its last file
            fresh.rename(folder)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return known or _read(folder)


def kept(store: Store, week: str, rights: Rights, *, has_arrived: bool) -> Stored | None:
    """The week as it is kept for an audience; None where it is not, or was built before the export came that is here now."""
    folder = folder_of(store, week, rights)
    if not is_stored(store, week, rights) or (has_arrived and not _had_arrived(folder)):
        return None
    return _read(folder)


def previewed(
    store: Store, week: str, rights: Rights, settings: Settings, into: Path, *, has_arrived: bool = True
) -> Stored:
    """The week as this audience would get it now; what is not kept yet is built into a folder, and not kept."""
    if known := kept(store, week, rights, has_arrived=has_arrived):
        return known
    folder = into / audience(rights)
    _make(folder, store, week, rights, settings, has_arrived=has_arrived, is_kept=False)
    return _read(folder)


def _make(
    folder: Path,
    store: Store,
    week: str,
    rights: Rights,
    settings: Settings,
    *,
    has_arrived: bool,
    is_kept: bool,
) -> None:
    is_demo = store.name == "demo"
    forms: dict[Kind, bytes] = {}
    missing: list[str] = []
    with store.reading(rights) as version:
        try:
            built = build(version, week, settings, is_demo=is_demo)
        except NoData:
            # Nothing of the week for this reader: that too is said, once.
            told = notice.notice(week, rights, settings, has_arrived=has_arrived, is_demo=is_demo)
            subject, is_notice = told.subject, True
            forms = {"html": told.html.encode(), "text": told.text.encode(), "md": told.md.encode()}
            chat = told.chat
        else:
            subject, is_notice = built.subject, False
            forms = {kind: form(built, kind) for kind in READ}
            attached, missing = _attached(built)
            forms |= attached
            chat = {"slack": slack.payload(built), "teams": teams.payload(built)}
            if is_kept and not rights.teams:
                remember(version, store, week, settings)
    folder.mkdir(parents=True, exist_ok=True)
    about: dict[str, Any] = {
        "week": week,
        "audience": audience(rights),
        "subject": subject,
        "is_notice": is_notice,
        "has_arrived": has_arrived,
        "missing": missing,
    }
    for kind, content in forms.items():
        _write(folder / _name(week, kind), content)
    for name, message in chat.items():
        _write(folder / f"{name}.json", message.encode())
    _write(folder / _ABOUT, json.dumps(about, ensure_ascii=False).encode())  # the last: with it, all is there


def _had_arrived(folder: Path) -> bool:
    """Whether what is kept was built from a week whose export had come."""
    return bool(json.loads((folder / _ABOUT).read_text(encoding="utf-8"))["has_arrived"])


def _attached(built: Digest) -> tuple[dict[Kind, bytes], list[str]]:
    """What goes along with a digest, and the endings of what could not be made.

    A sign that no font can set, say, must not keep a week from everybody: the mail says what is missing.
    """
    made: dict[Kind, bytes] = {}
    missing = []
    for kind in ATTACHED:
        try:
            made[kind] = form(built, kind)
        except Exception:  # noqa: BLE001 - whatever it is, the mail itself stands; the fault is printed and told
            traceback.print_exc()
            missing.append(ENDINGS[kind][0])
    return made, missing


def _read(folder: Path) -> Stored:
    about = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
    files = tuple(sorted(folder.glob("heard-*")))
    chat = {name: (folder / f"{name}.json").read_text(encoding="utf-8") for name in ("slack", "teams")}
    told = sha256(about["subject"].encode())
    for content in (*(path.read_bytes() for path in files), *(chat[name].encode() for name in sorted(chat))):
        told.update(sha256(content).digest())
    return Stored(
        week=about["week"],
        audience=about["audience"],
        subject=about["subject"],
        html=(folder / _name(about["week"], "html")).read_text(encoding="utf-8"),
        text=(folder / _name(about["week"], "text")).read_text(encoding="utf-8"),
        files=files,
        chat=chat,
        content_hash=told.hexdigest(),
        is_notice=about["is_notice"],
        missing=tuple(about["missing"]),
    )


def _name(week: str, kind: Kind) -> str:
    return f"heard-{week}.{ENDINGS[kind][0]}"


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
