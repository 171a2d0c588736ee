"""What a member is: JSON or a table, its first record or its columns, and the source that recognises it."""

from __future__ import annotations

from pipelines.sources import _json, _mail_files, _refusals, _tabular
from pipelines.sources._files import Member, head
from pipelines.sources.source import Options, Sample, Source, discover
from warehouse.errors import BadInput


def samples(member: Member) -> list[Sample]:
    """What the member holds: itself, or each sheet of a workbook that has rows. Raises BadInput where damaged."""
    found = sample(member)
    if found is None or found.kind != "workbook":
        return [found] if found else []
    return _tabular.sheets(member)


def sample(member: Member) -> Sample | None:
    """The beginning of the member as JSON, mail or a table; None where it is none. Raises BadInput where damaged."""
    beginning = head(member)
    if not beginning.strip():
        return None
    if member.inner is not None and _is_zip_of_files(beginning):
        raise BadInput(
            f"{member.name} is a zip inside a zip.", fix="unpack the outer one and name the folder"
        )
    if member.path.is_dir() or _mail_files.looks_like_mail(beginning):
        return Sample(member, "mail")
    if _json.looks_like_json(beginning):
        record = _json.first_record(member, beginning)
        keys = tuple(record) if isinstance(record, dict) else ()
        return Sample(member, "json", record=record, header=keys)
    if beginning[:2] in (b"\xff\xfe", b"\xfe\xff") and beginning[2:8].replace(b"\0", b"").lstrip()[:1] in (
        b"{",
        b"[",
    ):
        raise BadInput(f"{member.name} is JSON in UTF-16.", fix="save it as UTF-8")
    if _refusals.by_content(member.name, beginning):
        return None
    return _tabular.sample(member, beginning)


def _is_zip_of_files(beginning: bytes) -> bool:
    """Whether a packed file is no workbook, as far as its beginning tells: those begin with parts of their own."""
    if not beginning.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return False
    first = beginning[30 : 30 + int.from_bytes(beginning[26:28], "little")]
    return not first.startswith(
        (b"[Content_Types]", b"_rels/", b"xl/", b"docProps/", b"mimetype", b"customXml/")
    )


def recognised(found: Sample, options: Options) -> tuple[Source, int] | None:
    """The source that reads it and the order to read it in, or None."""
    is_connectors = _refusals.CONNECTOR_COLUMN in found.header and not options.mapping
    for source in discover():
        if is_connectors and source.is_declared and not source.system:
            continue  # its columns have the names of ours and hold ids in place of words
        order = source.recognise(found, options)
        if order is not None:
            return source, order
    return None


def unknown(found: Sample | None, member: Member) -> BadInput:
    """The error for a file that nothing recognises."""
    if found is None:
        beginning = head(member)
        error = _refusals.by_content(member.name, beginning) or _refusals.by_lines(member.name, beginning)
        return error or BadInput(
            f"{member.name} is empty, or is no kind of file that can be read.", fix="see docs/exports.md"
        )
    if found.kind != "json":
        if error := _refusals.by_columns(member.name, found.header):
            return error
        columns = ", ".join(found.header[:12]) + (", ..." if len(found.header) > 12 else "")
        return BadInput(
            f"{member.name} has no column for the ticket id, and is no file of scores that we know.\n  Found: {columns}",
            fix=f"heard ingest {member.path.name} --map ticket_id={found.header[0]} --map created_at=COLUMN",
        )
    keys = (
        ", ".join(list(found.record)[:8]) if isinstance(found.record, dict) else type(found.record).__name__
    )
    return BadInput(
        f"{member.name} is JSON that no source recognises (it begins with {keys}).",
        fix="export tickets with their comments, or name the columns with --map ticket_id=KEY",
    )
