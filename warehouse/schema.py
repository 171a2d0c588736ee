"""The tables everyone agrees on: canonical tables, evidence, and the columns that fact tables share.

Ids are text, instants are UTC. A column that a source does not know is null, never a placeholder.
`conform` checks a frame against its table, so that a source can not slip in a wrong type or name.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from warehouse.errors import Declaration

INSTANT: Final = pl.Datetime("us", "UTC")
TEXT: Final = pl.String()
FLAG: Final = pl.Boolean()
COUNT: Final = pl.Int64()
NUMBER: Final = pl.Float64()

STATUSES: Final = ("new", "open", "pending", "hold", "solved", "closed", "deleted")
ROLES: Final = (
    "customer",
    "agent",
    "bot",
    "ai",
    "system",
)  # ai: a bot that the export says is one of the vendor's AI agents
MESSAGE_KINDS: Final = ("message", "note", "survey", "auto_reply", "forward")
RATING_KINDS: Final = ("csat", "nps", "ces")

TABLES: Final[dict[str, pl.Schema]] = {
    "tickets": pl.Schema(
        {
            "source": TEXT,
            "ticket_id": TEXT,
            "subject": TEXT,
            "status": TEXT,  # one of STATUSES
            "status_raw": TEXT,
            "priority": TEXT,
            "type": TEXT,
            "channel": TEXT,
            "team_id": TEXT,
            "team": TEXT,
            "agent_id": TEXT,
            "agent": TEXT,
            "customer_id": TEXT,
            "customer_email": TEXT,
            "opened_by_id": TEXT,  # who submitted it; an agent here makes it an outbound ticket
            "account_id": TEXT,
            "brand": TEXT,
            "tags": pl.List(TEXT),
            "created_at": INSTANT,
            "first_assigned_at": INSTANT,
            "solved_at": INSTANT,  # last solved, where the export states it
            "closed_at": INSTANT,
            "updated_at": INSTANT,
            "handle_seconds": NUMBER,  # the export's own figure, never computed by us
            "is_spam": FLAG,
            "is_deleted": FLAG,
            "is_test": FLAG,  # the helpdesk's own sample tickets
            "merged_into": TEXT,  # the winning ticket's id, or "" when only the fact of a merge is known
            # "column@epoch in microseconds" of what is not known as of updated_at; 0: not at all. For the merge.
            "known_at": pl.List(TEXT),
        }
    ),
    "messages": pl.Schema(
        {
            "source": TEXT,
            "ticket_id": TEXT,
            "message_id": TEXT,
            "position": COUNT,  # order in the file among messages of the same instant
            "author_role": TEXT,  # one of ROLES where the file states it; else null, resolved after the merge
            "author_id": TEXT,
            "is_public": FLAG,
            "created_at": INSTANT,
            "kind": TEXT,  # one of MESSAGE_KINDS
            "body": TEXT,  # as received
            "text": TEXT,  # cleaned; evidence offsets are code points into this
            "count_attachments": COUNT,
        }
    ),
    "ratings": pl.Schema(
        {
            "source": TEXT,
            "rating_id": TEXT,
            "ticket_id": TEXT,
            "kind": TEXT,  # one of RATING_KINDS
            "score": NUMBER,  # null when asked and not answered
            "scale_min": NUMBER,
            "scale_max": NUMBER,
            "is_positive": FLAG,  # only where the vendor itself gives good or bad
            "is_higher_better": FLAG,  # the direction of a CES question; null for the other kinds
            "question": TEXT,  # as it was asked, where the export states it
            "score_raw": TEXT,
            "comment": TEXT,
            "asked_at": INSTANT,
            "answered_at": INSTANT,
            "agent_id": TEXT,
            "customer_id": TEXT,
            "customer_email": TEXT,
        }
    ),
    "events": pl.Schema(
        {
            "source": TEXT,
            "ticket_id": TEXT,
            "event_id": TEXT,
            "position": COUNT,
            "at": INSTANT,
            "field": TEXT,  # status | agent | team | priority
            "old": TEXT,
            "new": TEXT,
            "actor_id": TEXT,
        }
    ),
    "people": pl.Schema(
        {
            "source": TEXT,
            "person_id": TEXT,
            "role": TEXT,  # customer | agent | bot
            "name": TEXT,
            "email": TEXT,
            "account_id": TEXT,
            "updated_at": INSTANT,
        }
    ),
    "teams": pl.Schema({"source": TEXT, "team_id": TEXT, "name": TEXT}),
    "accounts": pl.Schema(
        {
            "source": TEXT,
            "account_id": TEXT,
            "name": TEXT,
            "value": NUMBER,  # a year's revenue, in `currency`
            "currency": TEXT,
            "tier": TEXT,
            "domains": pl.List(TEXT),  # of its e-mail addresses, in lower case
            "renewal_at": INSTANT,
            "churned_at": INSTANT,
            "updated_at": INSTANT,
        }
    ),
    "vendor_metrics": pl.Schema(
        {
            "source": TEXT,
            "ticket_id": TEXT,
            "name": TEXT,
            "calendar_minutes": NUMBER,
            "business_minutes": NUMBER,
            "value": NUMBER,  # a count or a score, which is no time
        }
    ),
    "schedules": pl.Schema(
        {
            "source": TEXT,
            "schedule_id": TEXT,
            "name": TEXT,
            "zone": TEXT,  # an IANA name
            "hours": pl.List(TEXT),  # "540-1020": opens and closes, in minutes from Monday 00:00 local time
            "holidays": pl.List(
                TEXT
            ),  # "2026-12-25" or "2026-12-24/2026-12-26": whole local days, both ends closed
            "created_at": INSTANT,  # the earliest is the default of its source
            "updated_at": INSTANT,
        }
    ),
    "ticket_schedules": pl.Schema(
        {
            "source": TEXT,
            "ticket_id": TEXT,
            "event_id": TEXT,
            "at": INSTANT,
            "schedule_id": TEXT,
        }
    ),
    "sla_targets": pl.Schema(
        {
            "source": TEXT,
            "ticket_id": TEXT,
            "event_id": TEXT,
            "at": INSTANT,  # when the policy came to apply to the ticket
            "metric": TEXT,  # first_reply | next_reply | requester_wait | agent_work, else the vendor's word
            "target_minutes": NUMBER,  # null: the target was taken away
            "is_business": FLAG,  # counted in business hours
            "policy": TEXT,
            "priority": TEXT,  # of the ticket at that instant, where the export states it; else null, and the events say
        }
    ),
}

KEYS: Final[dict[str, tuple[str, ...]]] = {
    "tickets": ("source", "ticket_id"),
    "messages": ("source", "ticket_id", "message_id"),
    "ratings": ("source", "rating_id"),
    "events": ("source", "ticket_id", "event_id"),
    "people": ("source", "person_id"),
    "teams": ("source", "team_id"),
    "accounts": ("source", "account_id"),
    "vendor_metrics": ("source", "ticket_id", "name"),
    "schedules": ("source", "schedule_id"),
    "ticket_schedules": ("source", "ticket_id", "event_id"),
    "sla_targets": ("source", "ticket_id", "event_id"),
}

EVIDENCE: Final = pl.Schema(
    {
        "source": TEXT,
        "ticket_id": TEXT,
        "message_id": TEXT,
        "start": COUNT,  # code points into messages.text, half open
        "end": COUNT,
        "measure": TEXT,
        "kind": TEXT,  # what the span shows, a word of the measure's own
        "value": NUMBER,
        "refers_to_ticket": TEXT,
        "refers_to_message": TEXT,
        "version": COUNT,
    }
)

# What was heard of each conversation: the opportunity of every signal, and the key of rescoring.
HEARD: Final = pl.Schema(
    {
        "source": TEXT,
        "ticket_id": TEXT,
        "language": TEXT,  # null where too short to tell
        "is_readable": FLAG,  # false: another language; null: nothing of the customer's to read
        "count_customer_turns": COUNT,
        "count_agent_turns": COUNT,
        "contact_reason": TEXT,  # a theme's name, told after hearing; null where not known
        "conversation_hash": TEXT,
        "fingerprint": TEXT,
    }
)

REJECTS: Final = pl.Schema({"file": TEXT, "line": COUNT, "reason": TEXT, "raw": TEXT, "load_id": TEXT})
LOADS: Final = pl.Schema(
    {
        "load_id": TEXT,
        "file": TEXT,
        "sha256": TEXT,
        "reader": TEXT,  # the source and its options, so that another mapping reads the file again
        "as_of": INSTANT,
        "loaded_at": INSTANT,
        "capabilities": pl.List(TEXT),
        "count_read": COUNT,
        "count_merged": COUNT,
        "count_left_out": COUNT,
        "count_refused": COUNT,
    }
)

# Every fact table carries these beside its own key and the columns of its measures.
DIMENSIONS: Final = (
    "team",
    "channel",
    "priority",
    "type",
    "brand",
    "language",
    "contact_reason",
    "source",
    "agent",
    "customer_id",
    "tags",
)

# Tables without a ticket and without anybody's words: what the data are, days, schedules, names of teams and of themes.
OF_EVERYBODY: Final = frozenset(
    {
        "meta", "moment", "loads", "backlog_days", "ripening", "schedules", "schedules_known", "open_spans", "teams",
        "themes", "theme_words",
    }
)  # fmt: skip

DUCKDB_TYPES: Final = {
    "String": "VARCHAR",
    "Boolean": "BOOLEAN",
    "Int64": "BIGINT",
    "Float64": "DOUBLE",
    "Datetime(time_unit='us', time_zone='UTC')": "TIMESTAMPTZ",
    "List(String)": "VARCHAR[]",
}


def create_sql(name: str, schema: pl.Schema, *, key: tuple[str, ...] = ()) -> str:
    """The CREATE TABLE statement of a schema."""
    columns = ", ".join(
        f'"{column}" {DUCKDB_TYPES[str(dtype)]}{" NOT NULL" if column in key else ""}'
        for column, dtype in schema.items()
    )
    return f"CREATE TABLE IF NOT EXISTS {name} ({columns})"


def conform(frame: pl.DataFrame, table: str) -> pl.DataFrame:
    """The frame with exactly the table's columns, in order: missing ones null, unknown ones refused.

    Raises Declaration on an unknown column or on a type that does not cast without loss.
    """
    schema = TABLES[table]
    unknown = [name for name in frame.columns if name not in schema]
    if unknown:
        raise Declaration(f"{table} has no column {', '.join(unknown)}.", fix=f"use {', '.join(schema)}")
    missing = [
        pl.lit(None, dtype=dtype).alias(name) for name, dtype in schema.items() if name not in frame.columns
    ]
    try:
        return frame.with_columns(missing).select(
            pl.col(name).cast(dtype, strict=True) for name, dtype in schema.items()
        )
    except pl.exceptions.PolarsError as error:
        raise Declaration(f"A frame does not fit the table {table}: {error}") from error
