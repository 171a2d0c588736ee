"""Our figures beside those of dbt_zendesk on the same 262 made-up tickets, read by our own Zendesk source.

Where the peer's rule is one not to follow, the row asserts ours.
"""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from metrics import facts, registry
from metrics.measure import Metric
from pipelines.ingest import ingest
from tests.conftest import shared
from warehouse.settings import Settings
from warehouse.store import Store, query

AS_OF = datetime(2024, 7, 1, tzinfo=UTC)
EXACT = 1e-3  # minutes
A_MINUTE = 1.0  # the peer counts boundaries of minutes

OURS = """
    SELECT ticket.ticket_id, ticket.status, ticket.is_outbound, resolution_minutes, count_reopens, count_replies, is_one_touch,
        is_reopened, is_satisfied, first.first_reply_minutes, first.is_first_reply_open,
        (epoch_us(clean.first_solved_at) - epoch_us(clean.created_at)) / 6e7 AS first_resolution_minutes
    FROM ticket_facts ticket JOIN tickets_clean clean USING (source, ticket_id)
    LEFT JOIN (FROM wait_facts WHERE is_first) first USING (source, ticket_id)
"""
SPANS = """
    SELECT ticket_id, status, sum(epoch_us(ended_at) - epoch_us(started_at)) / 6e7 AS minutes, count(*) AS spans
    FROM status_spans GROUP BY ALL
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """The peer's input through our ingest: our figures and status spans of every ticket."""
    native = shared("peer/native")
    store = Store(tmp_path_factory.mktemp("peer"))

    def make(connection, settings, progress):
        facts.resolve(connection, settings)
        facts.build(connection, settings, [one for one in registry.discover() if isinstance(one, Metric)])

    ingest([native], store=store, settings=Settings(), as_of=AS_OF, after_merge=make)
    with store.reading() as version:
        return query(version.connection, OURS), query(version.connection, SPANS)


@pytest.fixture(scope="module")
def both(loaded):
    """One row a ticket: our columns, and the peer's with the prefix peer_."""
    expected = pl.read_csv(
        shared("peer/zendesk_ticket_metrics_expected.csv"), infer_schema_length=None, try_parse_dates=True
    )
    peer = expected.with_columns(pl.col("ticket_id").cast(pl.String)).rename(
        {name: f"peer_{name}" for name in expected.columns if name != "ticket_id"}
    )
    joined = loaded[0].join(peer, on="ticket_id", how="inner", validate="1:1")
    assert joined.height == 262
    return joined


def one(both, ticket_id):
    return both.row(by_predicate=pl.col("ticket_id") == str(ticket_id), named=True)


def test_first_replies_are_the_same_to_the_millisecond(both):
    answered = both.filter(
        ~pl.col("is_outbound") & pl.col("peer_first_reply_time_calendar_minutes").is_not_null()
    )
    assert answered.height == 198
    apart = (answered["first_reply_minutes"] - answered["peer_first_reply_time_calendar_minutes"]).abs().max()
    assert apart < EXACT
    assert not answered["is_first_reply_open"].any()


def test_whoever_the_peer_has_no_reply_for_still_waits_with_us(both):
    silent = both.filter(pl.col("peer_first_reply_time_calendar_minutes").is_null() & ~pl.col("is_outbound"))
    assert silent.height == 49
    assert silent["is_first_reply_open"].all()
    assert silent["first_reply_minutes"].min() > 0


def test_tickets_that_agents_opened_have_no_first_reply_with_us(both):
    outbound = both.filter(pl.col("is_outbound"))
    assert outbound.height == 15
    assert outbound["first_reply_minutes"].null_count() == 15
    assert (
        one(both, 9003)["peer_first_reply_time_calendar_minutes"],
        one(both, 9003)["first_reply_minutes"],
    ) == (90, None)
    assert one(both, 125)["first_reply_minutes"] is None


def test_a_reply_in_the_second_of_creation_is_not_one_and_a_private_first_note_opens_nothing(both):
    assert one(both, 9015)["first_reply_minutes"] == pytest.approx(20, abs=EXACT)
    assert one(both, 9019)["first_reply_minutes"] == pytest.approx(20, abs=EXACT)
    assert one(both, 9019)["is_outbound"] is False


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("first_resolution_minutes", "first_resolution_calendar_minutes"),
        ("resolution_minutes", "final_resolution_calendar_minutes"),
    ],
)
def test_resolutions_are_the_same_to_the_minute(both, ours, theirs):
    assert both[ours].is_null().equals(both[f"peer_{theirs}"].is_null())
    assert (both[ours] - both[f"peer_{theirs}"]).abs().max() <= A_MINUTE


def test_replies_are_counted_alike(both):
    assert both["count_replies"].equals(
        both["peer_count_public_agent_comments"].cast(pl.Int64), check_names=False
    )


def test_one_touch_is_alike_where_a_customer_asked(both):
    opened_by_customer = both.filter(~pl.col("is_outbound"))
    assert opened_by_customer["is_one_touch"].fill_null(False).to_list() == (
        opened_by_customer["peer_is_one_touch_resolution"].to_list()
    )
    alone = both.filter(pl.col("is_outbound") & pl.col("peer_is_one_touch_resolution"))
    assert alone.height == 1, "one touch for the peer, though nobody asked"
    assert alone["is_one_touch"].to_list() == [None]
    assert one(both, 9002)["is_one_touch"] is False, "solved without a reply is not one touch"


def test_reopenings_are_transitions_and_not_solves_minus_one(both):
    solved = both.filter(pl.col("count_reopens").is_not_null())
    differ = solved.filter(pl.col("count_reopens") != pl.col("peer_count_reopens"))
    assert differ.height == 25
    assert (differ["count_reopens"] - differ["peer_count_reopens"]).to_list() == [1] * 25
    assert one(both, 9005)["count_reopens"] == 2


def test_the_later_rating_counts(both):
    assert (one(both, 9013)["is_satisfied"], one(both, 9018)["is_satisfied"]) == (False, True)
    rated = both.filter(pl.col("peer_ticket_satisfaction_score").is_in(["good", "bad"]))
    assert rated["is_satisfied"].to_list() == (rated["peer_ticket_satisfaction_score"] == "good").to_list()


@pytest.mark.parametrize(
    ("statuses", "theirs"),
    [
        (("new",), "new_status_duration_in_calendar_minutes"),
        (("open",), "open_status_duration_in_calendar_minutes"),
        (("pending",), "agent_wait_time_in_calendar_minutes"),
        (("hold",), "on_hold_time_in_calendar_minutes"),
        (("new", "open", "hold"), "requester_wait_time_in_calendar_minutes"),
        (("new", "open"), "agent_work_time_in_calendar_minutes"),
    ],
)
def test_times_in_each_status_are_the_same_to_a_minute_a_span(loaded, both, statuses, theirs):
    times = (
        loaded[1]
        .filter(pl.col("status").is_in(statuses))
        .group_by("ticket_id")
        .agg(pl.col("minutes", "spans").sum())
    )
    # 9020 writes on-hold where the others write hold: the peer counts it nowhere, we count it as hold.
    beside = both.filter(pl.col("ticket_id") != "9020").join(times, on="ticket_id", how="left")
    apart = beside.select(
        (pl.col("minutes").fill_null(0) - pl.col(f"peer_{theirs}")).abs() - pl.col("spans").fill_null(0)
    )
    assert apart.to_series().max() <= 0
    held = loaded[1].filter((pl.col("ticket_id") == "9020") & (pl.col("status") == "hold"))
    assert held["minutes"].sum() > 0
