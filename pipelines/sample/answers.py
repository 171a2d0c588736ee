"""What agents write: each in their own voice, with the cure that fits the matter."""

from __future__ import annotations

from random import Random
from typing import Any

from pipelines.sample.people import Agent
from pipelines.sample.plan import Plan
from pipelines.sample.slots import Slots
from pipelines.sample.stock import Lines, family, say_any
from pipelines.sample.voices import sentence_case

_FORMAL_VOICES = ("scripted",)


class Answerer:
    """The agent of one ticket."""

    def __init__(self, plan: Plan, agent: Agent, voice: str, slots: Slots, rng: Random) -> None:
        self.plan, self.agent, self.voice, self.slots, self.rng = plan, agent, voice, slots, rng
        self.stock: dict[str, Any] = family("agents")
        self.is_known = False
        self.has_asked = False

    def _say(self, lines: Lines) -> str:
        return say_any(lines, self.rng, self.slots)

    def _maybe(self, chance: float, lines: Lines) -> str:
        return self._say(lines) if self.rng.random() < chance else ""

    def turn(self, move: str, extra: str = "") -> str:
        """One public reply; `extra` is a paragraph of its own after it."""
        self.slots["greet"] = self._say(self.stock["curt"]["greet"])
        self.slots["policy"] = self._say(self.stock["defend"]["policy"])
        said = " ".join(sentence_case(self._said(move)).split(" ")).strip()
        if extra:
            said = f"{said}\n\n{extra}"
        framed = said if move in ("curt", "curt_fix", "bye") or self.plan.is_live else self._framed(said)
        self.is_known, self.has_asked = True, move == "ask"
        return framed

    def _said(self, move: str) -> str:
        stock, situation = self.stock, self.plan.situation
        own = stock[self.voice]
        upset = self.plan.mood != "calm" and not self.is_known
        feeling = (
            self._maybe({"warm": 0.8, "specific": 0.5, "dry": 0.3}.get(self.voice, 0.5), own["empathy"])
            if upset
            else ""
        )
        if move == "fix":
            mirror = {"warm": 0.4, "specific": 0.55}.get(self.voice, 0.05)
            restated = "" if self.is_known else self._maybe(mirror, situation.mirror)
            return _paragraph(feeling, restated, self._say(situation.fix), self._maybe(0.6, own["closing"]))
        if move == "ask":
            return _paragraph(feeling, self._say(situation.askback), self._maybe(0.3, stock["asking"]["any"]))
        if move == "own":
            mirror = {"warm": 0.5, "specific": 0.6}.get(self.voice, 0.05)
            restated = "" if self.is_known else self._maybe(mirror, situation.mirror)
            return _paragraph(feeling, restated, self._say(own["own"]))
        if move == "process":
            return _paragraph(feeling if self.voice == "scripted" else "", self._say(stock["process"]["any"]))
        if move == "nudge":
            return self._say(stock["nudge_ask" if self.has_asked else "nudge"]["any"])
        if move == "no":
            feeling = feeling if self.voice in ("warm", "scripted") else ""
            closing = self._maybe(0.6, own["closing"]) if self.voice == "scripted" else ""
            return _paragraph(feeling, self._say(situation.no), closing)
        if move == "curt":
            return self._say(stock["curt"]["any"])
        if move == "curt_fix":
            return f"{self.slots['greet']} {self._say(situation.fix)}"
        if move == "defend":
            return self._say(stock["defend"]["any"])
        if move == "defend_again":
            return self._say(stock["defend"]["policy_again"])
        return self._say(stock["bye"]["parting" if move == "parting" else "any"])

    def _framed(self, said: str) -> str:
        own = self.stock[self.voice]
        if not self.is_known or self.voice == "scripted":
            greeting = self._say(own["greeting"])
        else:
            greeting = ("Hi {}", "Hello {}", "Hi again {}", "{}", "")[int(self.rng.random() * 5)]
            greeting = f"{greeting.format(self.slots['name'])}," if greeting else ""
        sign = self._say(own["sign"])
        gap = "\n" if self.voice == "dry" and self.rng.random() < 0.5 else "\n\n"
        return "".join((f"{greeting}{gap}" if greeting else "", said, gap, sign))

    def note(self) -> str:
        """An internal note."""
        return self._say(self.stock["note"]["any"])

    def idea_heard(self, idea: str) -> str:
        """The paragraph that takes up a customer's idea."""
        self.slots["idea"] = idea
        return self._say(self.stock["idea_heard"]["any"])


def _paragraph(*parts: str) -> str:
    return " ".join(part for part in parts if part)
