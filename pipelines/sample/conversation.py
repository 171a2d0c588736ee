"""Tells one ticket: its messages and status events in time, up to the sample's end."""

from __future__ import annotations

from random import Random

from pipelines.sample import extras, queues
from pipelines.sample.answers import Answerer
from pipelines.sample.arcs import BETTER, UNHAPPY, arc_of, script_of
from pipelines.sample.customers import Speaker
from pipelines.sample.people import mix
from pipelines.sample.plan import Plan
from pipelines.sample.slots import Slots
from pipelines.sample.stock import family, say_any
from pipelines.sample.timeline import Frame, Message, Timeline, Told, cut, finish

_AGENT_MOVES = frozenset(
    {
        "ask",
        "fix",
        "own",
        "process",
        "no",
        "curt",
        "curt_fix",
        "defend",
        "defend_again",
        "nudge",
        "bye",
        "parting",
    }
)
_SOLVING = frozenset({"fix", "no", "curt", "curt_fix", "defend", "defend_again", "bye", "parting", "nudge"})


def tell(plan: Plan, frame: Frame, merged_from: Plan | None) -> Told:
    """The ticket's whole conversation, cut off at the sample's end."""
    rng = Random(mix(plan.seed, 1))
    slots = Slots(plan.seed, plan.ticket_id, plan.created_at, plan.customer, plan.agent, plan.situation)
    if plan.kind == "spam":
        return extras.spam(plan, slots, rng, frame.ends_at)
    if plan.kind == "outbound":
        return extras.outbound(plan, slots, rng, frame.ends_at)
    told = _talk(plan, slots, rng, frame)
    if plan.kind == "duplicate":
        extras.merge_away(told)
    elif merged_from is not None:
        extras.merge_in(told, merged_from, rng)
    cut(told, frame.ends_at)
    return told


def _talk(plan: Plan, slots: Slots, rng: Random, frame: Frame) -> Told:
    week = plan.arrival.week
    is_sour = (
        "sour_team" in frame.stories
        and plan.team == "deliveries"
        and week >= frame.sour_week
        and plan.story_number < min(1.0, 0.7 + 0.15 * (week - frame.sour_week))
        and plan.kind == "talk"
    )
    is_loved = "slow_loved" in frame.stories and plan.team == "rescue"
    is_defensive = (
        "defensive_policy" in frame.stories and plan.situation.is_policy and week >= frame.defensive_week
    )
    arc = arc_of(
        plan.mood,
        plan.arc_number,
        sour=is_sour,
        loved=is_loved,
        defensive=is_defensive,
        until_silence=plan.arrival.until_silence,
        shares=queues.arcs(plan.team) if frame.is_unequal else None,
    )
    voice = plan.agent.voice
    if is_loved:
        voice = "specific" if plan.agent.voice == "specific" else "warm"
    elif arc in ("fine", "silent", "flat_bad") and plan.arc_number * 977 % 1 < 0.25:
        voice = "scripted"
    speaker = Speaker(plan, slots, rng)
    if plan.language != "en":
        return _foreign_talk(plan, slots, rng, arc)
    idea, heard, name = _idea(plan, frame, slots, rng, arc)
    is_late = bool(idea) and plan.idea_number * 811 % 1 < 0.25
    told = Told(
        plan, speaker.subject(), plan.agent, arc=arc, is_sour=is_sour, slots=slots, has_idea=bool(idea)
    )
    opening = speaker.opening("" if is_late else idea)
    opening = extras.dressed(opening, plan, slots, rng)
    told.messages.append(Message(plan.created_at, plan.customer.customer_id, opening))
    rng.seed(mix(plan.seed, 2))
    line = Timeline(told, rng, 0.45 if is_sour else 1.0)
    extras.greet_by_bot(told, slots, rng)
    answerer = Answerer(plan, plan.agent, voice, slots, rng)
    moves = script_of(arc, rng)
    _play(
        line,
        moves,
        arc,
        answerer,
        speaker,
        idea if is_late else "",
        answerer.idea_heard(name) if heard else "",
    )
    finish(told, line, rng, is_sour)
    return told


def _play(
    line: Timeline,
    moves: list[str],
    arc: str,
    answerer: Answerer,
    speaker: Speaker,
    late_idea: str,
    heard: str,
) -> None:
    told, rng = line.told, line.rng
    last_customer = max((i for i, move in enumerate(moves) if move not in _AGENT_MOVES), default=-1)
    solves_early = rng.random() < 0.3
    for index, move in enumerate(moves):
        if move not in _AGENT_MOVES:
            is_last_word = index == last_customer
            extra = _referral(arc, rng, speaker) if is_last_word else ""
            body = speaker.turn(move, extra, late_idea if is_last_word else "")
            line.customer(body + (extras.quoted(told, rng) if told.plan.channel == "email" else ""), move)
            continue
        if not line.is_assigned and not told.plan.is_live and rng.random() < 0.09:
            extras.transfer(told, line, rng)
        is_last = all(later in ("warm", "thanks", "relief", "loved", "bye") for later in moves[index + 1 :])
        solves = move in _SOLVING and (
            index == len(moves) - 1 or (solves_early and is_last) or move.startswith("curt")
        )
        body = answerer.turn(move, heard if move in ("fix", "own", "ask", "process", "no") else "")
        if move in ("fix", "own", "ask", "process", "no"):
            heard = ""
        line.agent(body, move, solves=solves)
        if rng.random() < 0.1:
            line.note(answerer.note())
        if told.plan.channel == "email" and rng.random() < 0.012:
            extras.out_of_office(told, line, speaker.slots, rng)


def _referral(arc: str, rng: Random, speaker: Speaker) -> str:
    number = rng.random()
    stock = speaker.stock["recommend"]
    if (arc == "loved" and number < 0.4) or (arc in ("restored", "turned") and number < 0.09):
        return say_any(stock["any"], rng, speaker.slots)
    if arc in UNHAPPY and number < 0.09:
        return say_any(stock["warn"], rng, speaker.slots)
    return ""


def _idea(plan: Plan, frame: Frame, slots: Slots, rng: Random, arc: str) -> tuple[str, bool, str]:
    """A sentence that voices an idea, whether the agent takes it up, and the idea's name; mostly none."""
    ideas = family("ideas")
    share = 0.085 if plan.team in ("invoicing", "billing") else 0.042
    if plan.idea_number < share:
        if "unanswered_idea" not in frame.stories:
            return "", False, ""
        chosen = Random(mix(plan.seed, 3))
        return say_any(ideas["accountant"]["any"], chosen, slots), False, ""
    if plan.idea_number > 0.955:
        chosen = Random(mix(plan.seed, 3))
        other = ideas["other"][int(chosen.random() * len(ideas["other"]))]
        heard = chosen.random() < (0.65 if arc in BETTER else 0.4)
        return say_any(other["wordings"], chosen, slots), heard, other["name"]
    return "", False, ""


def _foreign_talk(plan: Plan, slots: Slots, rng: Random, arc: str) -> Told:
    stock = family("languages")[plan.language]
    subject, opening = say_any(stock["opening"], rng, slots).replace("  ", " ").split(" // ")
    told = Told(plan, subject, plan.agent, arc=arc, slots=slots)
    told.messages.append(Message(plan.created_at, plan.customer.customer_id, opening))
    rng.seed(mix(plan.seed, 2))
    line = Timeline(told, rng, 1.0)
    if arc != "unanswered":
        line.agent(say_any(stock["answer"], rng, slots), "fix", solves=rng.random() < 0.6)
        if not arc.endswith("silent"):
            good = arc in BETTER or arc in ("fine", "curt_fine")
            line.customer(say_any(stock["good" if good else "bad"], rng, slots), "thanks" if good else "sour")
            if not good and rng.random() < 0.5:
                line.agent(say_any(stock["answer"], rng, slots), "fix", solves=True)
    finish(told, line, rng, False)
    return told
