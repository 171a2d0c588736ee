"""Everything around the plain conversation: spam, merges, bots, forwards, quotes, absences, transfers."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

from pipelines.sample.calendar import DAY
from pipelines.sample.people import GROUP_IDS, SYSTEM_ID, Agent, agents, mix
from pipelines.sample.plan import Plan
from pipelines.sample.slots import Slots
from pipelines.sample.stock import TEAMS, family, say_any
from pipelines.sample.timeline import Event, Message, Timeline, Told, cut, finish


def spam(plan: Plan, slots: Slots, rng: Random, ends_at: int) -> Told:
    """Unasked advertising, closed without a word."""
    stock = family("extras")["spam"]
    told = Told(plan, say_any(stock["subjects"], rng, slots), plan.agent, slots=slots, tags=["spam"])
    told.messages.append(
        Message(plan.created_at, plan.customer.customer_id, say_any(stock["any"], rng, slots))
    )
    closed_at = plan.created_at + 7200 + int(rng.random() * DAY)
    if closed_at <= ends_at:
        told.events.append(Event(closed_at, plan.agent.agent_id, "status", "new", "closed"))
        told.status = "closed"
    return told


def outbound(plan: Plan, slots: Slots, rng: Random, ends_at: int) -> Told:
    """A ticket that an agent opened by writing to the customer."""
    stock = family("extras")["outbound"]
    subject, body = say_any(stock["any"], rng, slots).split(" // ")
    told = Told(plan, subject, plan.agent, slots=slots, arc="outbound")
    told.messages.append(Message(plan.created_at, plan.agent.agent_id, body))
    line = Timeline(told, rng, 1.0)
    line.set_status("pending", plan.agent.agent_id)
    if rng.random() < 0.6:
        line.customer(say_any(stock["reply"][_key_of(subject)], rng, slots), "thanks")
        line.replies = 1
    finish(told, line, rng, False)
    cut(told, ends_at)
    told.tags = ["outreach"]
    return told


def _key_of(subject: str) -> str:
    return {"Your": "swap", "The": "card", "A": "payout"}.get(subject.split(" ")[0], "welcome")


def merge_away(told: Told) -> None:
    """Turns a ticket into the losing half of a merge: its first message, then closed into the other."""
    plan = told.plan
    other = str(plan.ticket_id - 1)
    note = say_any(family("extras")["merge"]["any"], Random(0), {"other": other, "subject": told.subject})
    closed_at = plan.created_at + 5400
    agent_id = plan.agent.agent_id
    told.messages = [told.messages[0], Message(closed_at, agent_id, note, is_public=False, via="merge")]
    told.events = [Event(closed_at, agent_id, "status", "new", "closed")]
    told.tags.append("closed_by_merge")
    told.arc, told.handle_seconds, told.assigned_at = "merged", None, None


def merge_in(told: Told, duplicate: Plan, rng: Random) -> None:
    """The private comment a merge leaves in the ticket that lives on."""
    slots = {
        "other": str(duplicate.ticket_id),
        "subject": told.subject,
        "quoted": told.messages[0].body,
    }
    note = say_any(family("extras")["merge"]["target"], rng, slots)
    told.messages.append(
        Message(duplicate.created_at + 5400, told.agent.agent_id, note, is_public=False, via="merge")
    )


def dressed(opening: str, plan: Plan, slots: Slots, rng: Random) -> str:
    """The opening as it is, or now and then a forwarded mail or one in two scripts."""
    number = rng.random()
    stock = family("extras")
    if plan.channel == "email" and number < 0.03:
        cover = say_any(stock["forward"]["any"], rng, slots)
        body = say_any(stock["forward"]["body"][plan.team], rng, slots)
        head = f"From: {slots['staff']} <{slots['staff'].lower()}@mail.example>\nDate: {slots['date']}\nSubject: my order\nTo: {plan.customer.email}"
        return f"{cover}\n\n---------- Forwarded message ---------\n{head}\n\n{body}\n\n{opening if number < 0.01 else ''}".rstrip()
    if number > 0.995:
        slots["terse"] = say_any(plan.situation.terse, rng, slots)
        return say_any(stock["rtl"]["any"], rng, slots)
    return opening


def greet_by_bot(told: Told, slots: Slots, rng: Random) -> None:
    """The assistant's answer in chats, the automatic confirmation of some mails."""
    plan, stock = told.plan, family("agents")["bot"]
    if plan.is_live and rng.random() < 0.55:
        body = say_any(stock["chat"], rng, slots)
        told.messages.append(Message(plan.created_at + 3, SYSTEM_ID, body, via=plan.channel))
    elif plan.channel == "email" and rng.random() < 0.12:
        body = say_any(stock["ack"], rng, slots)
        told.messages.append(Message(plan.created_at + 5, SYSTEM_ID, body, via="rule"))


def quoted(told: Told, rng: Random) -> str:
    """The mail being answered, as mail programs quote it below an answer; often nothing."""
    if rng.random() > 0.4 or len(told.messages) < 2:
        return ""
    last = told.messages[-1]
    if last.author_id == told.plan.customer.customer_id or not last.is_public:
        return ""
    at = datetime.fromtimestamp(last.at, UTC)
    lines = "\n".join(f"> {line}".rstrip() for line in last.body.split("\n"))
    if rng.random() < 0.7:
        return f"\n\nOn {at:%a}, {at.day} {at:%b %Y} at {at:%H:%M}, Quillbarrow Support <support@quillbarrow.example> wrote:\n{lines}"
    return (
        f"\n\n-----Original Message-----\nFrom: Quillbarrow Support <support@quillbarrow.example>\n"
        f"Sent: {at:%d %B %Y %H:%M}\nTo: {told.plan.customer.email}\nSubject: RE: {told.subject}\n\n{last.body}"
    )


def out_of_office(told: Told, line: Timeline, slots: Slots, rng: Random) -> None:
    """An automatic answer from the customer's mailbox, seconds after our reply."""
    body = say_any(family("extras")["auto_reply"]["any"], rng, slots)
    told.messages.append(Message(line.at + 8, told.plan.customer.customer_id, body))
    told.tags.append("auto_reply")


def transfer(told: Told, line: Timeline, rng: Random) -> None:
    """The ticket begins with another team and is passed on before the first answer."""
    other = _colleague(told.plan, Random(mix(told.plan.seed, 4)))
    line.at += 1800 + int(rng.random() * 5400)
    told.events.append(
        Event(line.at, other.agent_id, "group_id", str(GROUP_IDS[other.team]), str(GROUP_IDS[told.plan.team]))
    )


def _colleague(plan: Plan, rng: Random) -> Agent:
    """Somebody of another team, for a ticket that was passed on."""
    others = [team for team in TEAMS if team not in (plan.team, "rescue")]
    people = agents(others[int(rng.random() * len(others))])
    return people[int(rng.random() * len(people))]
