"""Folders of mail, each one unit and not its files: a Maildir with the folders below it, and .eml files side by side."""

from __future__ import annotations

from pathlib import Path

_UNSENT_FOLDERS = frozenset("drafts trash junk spam deleted outbox templates".split())


def units(root: Path) -> set[Path]:
    """The Maildirs at or below the root that are in no other, and the folders that .eml files lie in."""
    folders = sorted(path for path in (root, *root.rglob("*")) if path.is_dir() and not path.is_symlink())
    found: set[Path] = set()
    for folder in folders:
        if _is_maildir(folder) and not any(parent in found for parent in folder.parents):
            found.add(folder)
    for folder in folders:
        is_hidden = any(part.startswith(".") for part in folder.relative_to(root).parts)
        is_inside = any(one in found for one in (folder, *folder.parents))
        if not is_hidden and not is_inside and _eml_files(folder):
            found.add(folder)
    return found


def _is_maildir(folder: Path) -> bool:
    return (folder / "cur").is_dir() and (folder / "new").is_dir()


def _eml_files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if file.suffix.lower() == ".eml" and _is_plain_file(file))


def _is_plain_file(file: Path) -> bool:
    return file.is_file() and not file.is_symlink()


def is_in_unit(file: Path, units: set[Path]) -> bool:
    """Whether a file is read as part of one of the units."""
    if file.suffix.lower() == ".eml" and file.parent in units and _is_plain_file(file):
        return True
    return any(parent in units and _is_maildir(parent) for parent in file.parents)


def messages(folder: Path) -> list[Path]:
    """The messages of a folder of mail in order of name; of a Maildir those in cur and new, sent folders too.

    Drafts, what was thrown away and what was sorted out as spam are passed over.
    """
    if not _is_maildir(folder):
        return _eml_files(folder)
    found: list[Path] = []
    for one in (folder, *sorted(folder.rglob("*"))):
        if (
            one.name.rsplit(".", 1)[-1].casefold() in _UNSENT_FOLDERS
            or one.is_symlink()
            or not _is_maildir(one)
        ):
            continue
        for part in ("cur", "new"):
            files = sorted((one / part).iterdir())
            found += [
                file for file in files if _is_plain_file(file) and not {"D", "T"} & _maildir_flags(file.name)
            ]
    return found


def _maildir_flags(name: str) -> set[str]:
    """What the name of a message says of it: D a draft, T thrown away."""
    return set(name.partition(":2,")[2])
