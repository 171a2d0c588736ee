"""Our times beside those of dbt_zendesk on the same 262 made-up tickets, read by our own Zendesk source.

Every column of time and every row that is not named here agrees; where the peer's rule is one not to follow, a test of its own
tells why and asserts ours. Service levels are in test_peer_sla.py, counts in test_peer_counts.py.
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
from warehouse.store import Store, insert, query

AS_OF = datetime(2024, 7, 1, tzinfo=UTC)
EXACT = 1e-3  # minutes
A_MINUTE = 1.0  # the peer counts boundaries of minutes

OURS = """
    SELECT ticket.*, first.first_reply_minutes, first.first_reply_business_minutes, first.is_first_reply_open, spans.count_spans
    FROM ticket_facts ticket
    LEFT JOIN (FROM wait_facts WHERE is_first) first USING (source, ticket_id)
    LEFT JOIN (SELECT source, ticket_id, count(*) AS count_spans FROM status_spans GROUP BY ALL) spans
        USING (source, ticket_id)
"""
TIMES = {  # our column without its ending, and the peer's
    "requester_wait": "requester_wait_time",
    "agent_wait": "agent_wait_time",
    "agent_work": "agent_work_time",
    "on_hold": "on_hold_time",
    "new": "new_status_duration",
    "open": "open_status_duration",
    "solve": "solve_time",
}
HELD = ("requester_wait", "on_hold", "solve")  # the times that count the status on hold
SPELLED_ON_HOLD = "9020"


def load_peer(folder):
    """The peer's input through our ingest. The native files do not say which schedule a ticket had: a table beside them does."""
    store = Store(folder)
    assigned = pl.read_csv(shared("peer/fivetran/ticket_schedule_data.csv"), infer_schema=False).select(
        source=pl.lit("zendesk"),
        ticket_id="ticket_id",
        event_id="created_at",
        at=pl.col("created_at").str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", time_zone="UTC"),
        schedule_id="schedule_id",
    )

    def make(connection, settings, progress):
        insert(connection, "ticket_schedules", assigned)
        facts.resolve(connection, settings)
        facts.build(connection, settings, [one for one in registry.discover() if isinstance(one, Metric)])

    ingest([shared("peer/native")], store=store, settings=Settings(), as_of=AS_OF, after_merge=make)
    return store


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """Our figures of every ticket."""
    with load_peer(tmp_path_factory.mktemp("peer")).reading() as version:
        return query(version.connection, OURS)


@pytest.fixture(scope="module")
def both(loaded):
    """One row a ticket: our columns, and the peer's with the prefix peer_."""
    expected = pl.read_csv(
        shared("peer/zendesk_ticket_metrics_expected.csv"), infer_schema_length=None, try_parse_dates=True
    )
    peer = expected.with_columns(pl.col("ticket_id").cast(pl.String)).rename(
        {name: f"peer_{name}" for name in expected.columns if name != "ticket_id"}
    )
    joined = loaded.join(peer, on="ticket_id", how="inner", validate="1:1")
    assert joined.height == 262
    return joined


def one(both, ticket_id):
    return both.row(by_predicate=pl.col("ticket_id") == str(ticket_id), named=True)


def apart(rows, ours, theirs):
    """The largest distance of two columns, none of which is null where the other is not."""
    assert rows[ours].is_null().equals(rows[f"peer_{theirs}"].is_null())
    return (rows[ours] - rows[f"peer_{theirs}"]).abs().max()


def is_finished():
    return pl.col("status").is_in(["solved", "closed"])


def test_first_replies_are_the_same_to_the_millisecond(both):
    answered = both.filter(
        ~pl.col("is_outbound") & pl.col("peer_first_reply_time_calendar_minutes").is_not_null()
    )
    assert answered.height == 198
    assert apart(answered, "first_reply_minutes", "first_reply_time_calendar_minutes") < EXACT
    assert apart(answered, "first_reply_business_minutes", "first_reply_time_business_minutes") < EXACT
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
    assert outbound["first_reply_business_minutes"].null_count() == 15
    assert (
        one(both, 9003)["peer_first_reply_time_calendar_minutes"],
        one(both, 9003)["first_reply_minutes"],
    ) == (90, None)
    assert one(both, 125)["peer_first_reply_time_business_minutes"] > 44_000, "an interval without an end"
    assert one(both, 125)["first_reply_business_minutes"] is None


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
    assert apart(both, ours, theirs) <= A_MINUTE


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("first_resolution_business_minutes", "first_resolution_business_minutes"),
        ("resolution_business_minutes", "full_resolution_business_minutes"),
    ],
)
def test_resolutions_in_business_time_are_the_same(both, ours, theirs):
    finished = both.filter(is_finished())
    assert finished.height == 182
    assert apart(finished, ours, theirs) < EXACT
    assert finished[ours].null_count() == 0


def test_a_ticket_that_was_opened_again_keeps_its_resolution_in_business_time_too(both):
    """The peer tells its calendar minutes but not the business minutes beside them; here they are told together."""
    again = both.filter(~is_finished() & pl.col("peer_final_resolution_calendar_minutes").is_not_null())
    assert again.height == 25
    assert again["peer_full_resolution_business_minutes"].null_count() == 25
    assert again["resolution_business_minutes"].null_count() == 0
    assert (again["resolution_business_minutes"] <= again["resolution_minutes"] + EXACT).all()
    never = both.filter(pl.col("peer_final_resolution_calendar_minutes").is_null())
    assert never["resolution_business_minutes"].null_count() == never.height


def test_the_time_waited_for_replies_in_all_is_the_same(both):
    asked = both.filter(~pl.col("is_outbound"))
    assert apart(asked, "total_reply_minutes", "total_reply_time_calendar_minutes") < EXACT
    assert one(both, 9012)["total_reply_minutes"] == pytest.approx(
        one(both, 9012)["peer_total_reply_time_calendar_minutes"], abs=EXACT
    )


def test_nobody_waited_before_the_customer_wrote_on_a_ticket_that_an_agent_opened(both):
    """The peer takes the time from creation to the agent's second message for a reply; without it the rest is the same."""
    outbound = both.filter(
        pl.col("is_outbound") & pl.col("peer_first_reply_time_calendar_minutes").is_not_null()
    )
    assert outbound.height == 14
    rest = (
        outbound["peer_total_reply_time_calendar_minutes"]
        - outbound["peer_first_reply_time_calendar_minutes"]
    )
    assert (outbound["total_reply_minutes"].fill_null(0) - rest).abs().max() < EXACT


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


@pytest.mark.parametrize("ours", TIMES)
def test_times_in_each_status_are_the_same_to_a_minute_a_span(both, ours):
    beside = both.filter(pl.col("ticket_id") != SPELLED_ON_HOLD)
    distance = (beside[f"{ours}_minutes"] - beside[f"peer_{TIMES[ours]}_in_calendar_minutes"]).abs()
    assert distance.null_count() == 0
    assert (distance - beside["count_spans"] * A_MINUTE).max() <= 0


@pytest.mark.parametrize("ours", TIMES)
def test_times_in_each_status_are_the_same_in_business_minutes_of_finished_tickets(both, ours):
    finished = both.filter(is_finished() & (pl.col("ticket_id") != SPELLED_ON_HOLD))
    assert finished.height == 181
    assert apart(finished, f"{ours}_business_minutes", f"{TIMES[ours]}_in_business_minutes") < EXACT


@pytest.mark.parametrize("ours", TIMES)
def test_business_minutes_of_unfinished_tickets_end_at_the_as_of_instant(both, ours):
    """The peer's run on for a thousand hours, so that there is more business time than time."""
    unfinished = both.filter(~is_finished())
    assert unfinished.height == 80
    assert unfinished[f"{ours}_business_minutes"].null_count() == 0
    assert (unfinished[f"{ours}_business_minutes"] <= unfinished[f"{ours}_minutes"] + EXACT).all()
    assert (
        unfinished[f"{ours}_business_minutes"]
        <= unfinished[f"peer_{TIMES[ours]}_in_business_minutes"] + EXACT
    ).all()
    waiting = one(both, 9016)
    assert waiting["peer_requester_wait_time_in_business_minutes"] == 17_700
    assert waiting["peer_requester_wait_time_in_calendar_minutes"] == 14_820
    # From Thursday 20 June, 10:00 in Los Angeles, to Sunday 30 June: seven hours of that day and six days of eight.
    assert waiting["requester_wait_business_minutes"] == pytest.approx(55 * 60)


def test_on_hold_counts_however_it_is_spelled(both):
    """9020 writes on-hold where the others write hold: the peer counts it nowhere."""
    spelled = one(both, SPELLED_ON_HOLD)
    assert spelled["peer_on_hold_time_in_calendar_minutes"] == 0
    assert (spelled["on_hold_minutes"], spelled["on_hold_business_minutes"]) == (180.0, 180.0)
    for ours in HELD:
        theirs = spelled[f"peer_{TIMES[ours]}_in_calendar_minutes"]
        assert spelled[f"{ours}_minutes"] == pytest.approx(theirs + 180)


def test_a_weekend_a_change_of_clocks_a_holiday_and_a_change_of_schedule_are_counted(both):
    """The cases that the peer names: their first replies in business minutes, as can be counted by hand."""
    told = {ticket: one(both, ticket)["first_reply_business_minutes"] for ticket in (9008, 9009, 9010, 9017)}
    assert told[9008] == pytest.approx(30), "Saturday to Monday 09:30"
    assert told[9009] == pytest.approx(one(both, 9009)["peer_first_reply_time_business_minutes"])
    assert told[9010] == pytest.approx(60 + 60), "Friday 16:00 to Tuesday 10:00, over a holiday"
    assert told[9017] == pytest.approx(60 + 120), "an hour in Los Angeles, then from 08:00 to 10:00 in London"


def test_a_ticket_that_was_deleted_and_came_back_counts_the_rest_of_its_time(both):
    recovered = one(both, 9007)
    assert recovered["status"] == "solved"
    assert recovered["solve_minutes"] == pytest.approx(
        recovered["peer_solve_time_in_calendar_minutes"], abs=5
    )
    assert recovered["solve_minutes"] < recovered["resolution_minutes"]
