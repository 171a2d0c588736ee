"""What a member is: JSON or a table, its first record or its columns, and the source that recognises it."""

from __future__ import annotations

from pipelines.sources import _json, _tabular
from pipelines.sources._files import Member, head
from pipelines.sources.source import Options, Sample, Source, discover
from warehouse.errors import BadInput


def sample(member: Member) -> Sample | None:
    """The beginning of the member as JSON or as a table; None where it is neither. Raises BadInput where damaged."""
    beginning = head(member)
    if not beginning.strip():
        return None
    if _json.looks_like_json(beginning):
        record = _json.first_record(member, beginning)
        keys = tuple(record) if isinstance(record, dict) else ()
        return Sample(member, "json", record=record, header=keys)
    if beginning[:2] in (b"\xff\xfe", b"\xfe\xff") and beginning[2:8].replace(b"\0", b"").lstrip()[:1] in (
        b"{",
        b"[",
    ):
        raise BadInput(f"{member.name} is JSON in UTF-16.", fix="save it as UTF-8")
    return _tabular.sample(member, beginning)


def recognised(found: Sample, options: Options) -> tuple[Source, int] | None:
    """The source that reads it and the order to read it in, or None."""
    for source in discover():
        order = source.recognise(found, options)
        if order is not None:
            return source, order
    return None


def unknown(found: Sample | None, member: Member) -> BadInput:
    """The error for a file that nothing recognises."""
    if found is None:
        return BadInput(
            f"{member.name} is empty, or is no kind of file that can be read.", fix="see docs/exports.md"
        )
    if found.kind != "json":
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
