"""Files of a kind that is known and can not be read: what they are, and what to do instead."""

from __future__ import annotations

import re
from collections.abc import Sequence

from warehouse.errors import BadInput

CONNECTOR_COLUMN = "_fivetran_synced"
_XML = (b"<?xml", b"<helpdesk", b"<tickets")
_HTML = (b"<!doctype html", b"<html")
_OLE = b"\xd0\xcf\x11\xe0"
_OUTLOOK_ITEM = "__properties_version1.0".encode("utf-16-le")
_JSON_BELOW = re.compile(rb"(?m)^[\[{]")


def is_outlook_item(head: bytes) -> bool:
    """Whether a compound file is a message of Outlook's, and not a workbook."""
    return head.startswith(_OLE) and _OUTLOOK_ITEM in head


def by_content(name: str, head: bytes) -> BadInput | None:
    """The error for a file by its first bytes; None where they say nothing."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:64].lower()
    if start.startswith(_XML):
        return BadInput(
            f"{name} is XML, which is not read.",
            fix="export the same as JSON or CSV (heard guide SYSTEM says how)",
        )
    if start.startswith(_HTML):
        return BadInput(
            f"{name} is a web page, most likely a page that asks to sign in.", fix="download the export again"
        )
    if is_outlook_item(head):
        return BadInput(
            f"{name} is an Outlook message (.msg), which is not read.",
            fix="save the messages as .eml, or export the folder as mbox",
        )
    if head.startswith(b"!BDN"):
        return BadInput(
            f"{name} is an Outlook archive (.pst), which is not read.",
            fix="convert it to mbox: readpst -o FOLDER FILE",
        )
    return None


def by_lines(name: str, head: bytes) -> BadInput | None:
    """The error for a text that is nothing else and has JSON further down; None for any other."""
    if not _JSON_BELOW.search(head[:4096]):
        return None
    return BadInput(
        f"{name} has other lines before its JSON, so that it is not JSON.",
        fix="take them out, so that the file begins with { or [",
    )


def by_columns(name: str, header: Sequence[str]) -> BadInput | None:
    """The error for a table that a connector wrote for a system whose own export is read; None for any other."""
    if CONNECTOR_COLUMN not in header:
        return None
    return BadInput(
        f"{name} is a table that a connector wrote ({CONNECTOR_COLUMN}); of these only Zendesk's are read.",
        fix="export from the system itself (heard guide SYSTEM says how), or name the columns with --map ticket_id=COLUMN",
    )
