"""What the tests of delivery share: a week with hostile words in it, readers, and how a run ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from pipelines.digest.deliver import Report
from tests.posts import Authority, Post
from warehouse.recipients import Mail, Recipient
from warehouse.rights import Rights, Role
from warehouse.sends import Send, Sends
from warehouse.settings import Settings
from warehouse.store import Store

WEEK = "2025-W47"
RIGHTS = Rights(Role.FINANCE)
MONDAY = date(2025, 11, 17)
NOW = datetime(2025, 11, 24, 7, tzinfo=UTC)
PRIVATE = "jo.doe@mail.example.org"
HOSTILE = (
    f'<!channel> <img src=x> **b** =HYPERLINK("x") {{{{DATE(2020)}}}} write to {PRIVATE} or 555-123-4567'
)


def mails(*addresses: str, **more: Any) -> tuple[Recipient, ...]:
    return tuple(Recipient(f"Reader {one}", "mail", one, RIGHTS.role, **more) for one in addresses)


def settings_of(post: Post | None, trusted: Authority, *recipients: Recipient, **mail: Any) -> Settings:
    given = {"host": "localhost", "port": post.port if post else 1, "sender": "heard@example.com", **mail}
    kept = {"ca_file": str(trusted.ca), "timeout_seconds": 0.5, **given}
    return replace(Settings(), mail=Mail(**kept), recipients=recipients)


def states(report: Report) -> dict[str, str]:
    return {one.name.removeprefix("Reader "): one.state for one in report.outcomes}


def row(store: Store, name: str) -> Send:
    return next(one for one in Sends(store.folder).sends() if one.name.endswith(name))
