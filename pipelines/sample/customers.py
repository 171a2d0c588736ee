"""What customers write: openings put together from the stock, and each later turn."""

from __future__ import annotations

from random import Random
from typing import Any

from pipelines.sample.people import mix
from pipelines.sample.plan import Plan
from pipelines.sample.slots import Slots
from pipelines.sample.stock import Lines, family, say_any
from pipelines.sample.voices import in_voice

_MANNERS = {
    "plain": "plain", "terse": "plain", "rambling": "plain", "polite": "polite", "lower": "loose", "texty": "loose",
    "formal": "formal", "foreign": "foreign", "emoji": "loose",
}  # fmt: skip
_MOOD_AFTER = {
    "thanks": "pleased", "warm": "pleased", "loved": "pleased", "turned": "pleased", "relief": "calm", "gives": "calm",
    "waiting": "calm", "sceptic": "annoyed", "chase": "worried", "cross_chase": "annoyed", "still": "annoyed",
    "sour": "annoyed", "shrug": "annoyed", "repeat": "annoyed", "leave": "leaving", "protest": "furious",
}  # fmt: skip


class Speaker:
    """The customer of one ticket, who says things in their own voice."""

    def __init__(self, plan: Plan, slots: Slots, rng: Random) -> None:
        self.plan, self.slots, self.rng = plan, slots, rng
        self.stock: dict[str, Any] = family("customers")
        self.voice = plan.customer.voice
        self.is_careless = False

    def _say(self, lines: Lines) -> str:
        return say_any(lines, self.rng, self.slots)

    def _maybe(self, chance: float, lines: Lines) -> str:
        return self._say(lines) if self.rng.random() < chance else ""

    def subject(self) -> str:
        """The subject line, as this customer would type it."""
        said = self._say(self.plan.situation.subjects)
        if self.voice in ("lower", "texty"):
            return said.lower() if self.rng.random() < 0.7 else said
        if self.plan.mood == "furious" and self.rng.random() < 0.4:
            return said.upper()
        return said[0].upper() + said[1:] if self.voice in ("formal", "polite") and said else said

    def opening(self, idea: str) -> str:
        """The first message; `idea` is a sentence to be worked in, or empty."""
        if self.plan.is_live or (self.voice == "terse" and self.rng.random() < 0.7):
            said = self._short()
        elif self.plan.situation.whole and self.rng.random() < 0.14:
            said = self._say(self.plan.situation.whole)
        else:
            said = self._long()
        again = self._say(family("extras")["again"]["any"]) if self.plan.is_again else ""
        body = self._voiced(_joined(again, said), self.plan.mood)
        return self._framed(self._with_idea(body, idea), is_first=True)

    def _with_idea(self, body: str, idea: str) -> str:
        """The idea after the rest, said with dice of its own: without it the rest stays word for word."""
        if not idea:
            return body
        dice = Random(mix(self.plan.seed, 9))
        said = in_voice(idea, self.voice, "calm", self.plan.customer.typos, dice)
        if not self.plan.is_live and dice.random() < 0.6:
            return f"{body}\n\n{said}"
        return f"{body} {said}" if body[-1:] in ".!?)" else f"{body}. {said}"

    def _short(self) -> str:
        situation, rng = self.plan.situation, self.rng
        mood = self.plan.mood
        greeting = ("hi, ", "Hi. ", "hello ", "Hello! ", "Hi there. ", "", "", "")[int(rng.random() * 8)]
        if situation.terse and rng.random() < 0.42:
            said = self._say(situation.terse)
            self.is_careless = rng.random() < 0.7
            if rng.random() < 0.3:
                said = _joined(said, self._say(situation.details))
        else:
            said = _joined(
                self._say(situation.leads),
                self._maybe(0.3, situation.details),
                self._maybe(0.6, situation.asks),
            )
        if mood != "calm" and rng.random() < 0.5:
            feeling = situation.impact if rng.random() < 0.5 else self.stock["impact"][mood]
            said = _joined(said, self._say(feeling))
        elif mood in ("furious", "leaving"):
            said = _joined(self._say(self.stock["before"][mood]), said)
        if greeting[-2:] in (", ", "o ") and not said.startswith(("I ", "I'")):
            said = said[:1].lower() + said[1:]
        return greeting + said

    def _long(self) -> str:
        situation, rng, mood = self.plan.situation, self.rng, self.plan.mood
        parts = [
            self._maybe(0.45 if mood == "calm" else 0.55, self.stock["before"][mood]),
            self._say(situation.leads),
        ]
        details = 2 if self.voice == "rambling" else int(rng.random() < 0.75)
        spoken: set[str] = set()
        for _ in range(details):
            detail = self._say(situation.details)
            if detail not in spoken:
                spoken.add(detail)
                parts.append(detail)
        if self.voice == "rambling":
            parts.insert(1 + int(rng.random() * len(parts)), self._say(self.stock["aside"]["any"]))
        if mood != "calm":
            parts.append(self._maybe(0.6, situation.impact))
        parts.append(self._maybe({"calm": 0.3, "worried": 0.45}.get(mood, 0.8), self.stock["impact"][mood]))
        parts.append(self._maybe(0.75, situation.asks))
        if self.voice == "rambling" and rng.random() < 0.5:
            parts.append(self._say(self.stock["aside"]["any"]))
        if self.voice in ("plain", "polite", "formal", "rambling") and len(parts) > 3 and rng.random() < 0.4:
            middle = 2 + int(rng.random() * (len(parts) - 3))
            return _joined(*parts[:middle]) + "\n\n" + _joined(*parts[middle:])
        return _joined(*parts)

    def _voiced(self, text: str, mood: str) -> str:
        typos, is_careless = self.plan.customer.typos, self.is_careless
        self.is_careless = False
        return in_voice(text, self.voice, mood, typos, self.rng, is_careless=is_careless)

    def _framed(self, text: str, *, is_first: bool) -> str:
        """With greeting, close and signature where the channel and the voice have them."""
        rng, manner = self.rng, _MANNERS[self.voice]
        if self.plan.is_live:
            return text
        if rng.random() < (0.75 if is_first else 0.3) and self.voice != "terse":
            greeting = self._say(self.stock["greeting"][manner]) if is_first else self._greeting_again(manner)
            text = (
                f"{greeting}\n{'' if manner == 'loose' else chr(10)}{text}"
                if rng.random() < 0.85
                else f"{greeting} {text}"
            )
        if rng.random() < (0.7 if is_first else 0.35) and self.voice != "terse":
            cross = is_first and self.plan.mood in ("furious", "leaving")
            closing = self._say(self.stock["closing"]["cross" if cross else manner])
            name = self.slots["fullname"] if manner == "formal" else self.slots["name"]
            name = name.lower() if manner == "loose" and rng.random() < 0.5 else name
            text = f"{text}\n\n{closing}\n{name}" if closing else f"{text}\n{name}"
        if self.plan.channel == "email" and rng.random() < (0.3 if is_first else 0.25):
            signature = self.stock["signature"]["phone_line" if rng.random() < 0.35 else "block"]
            text = f"{text}\n\n{self._say(signature)}"
        return text

    def _greeting_again(self, manner: str) -> str:
        options = (
            ("hi {}", "hey {}", "hi")
            if manner == "loose"
            else ("Hi {},", "Hello {},", "Dear {},", "{},", "Hi,")
        )
        name = self.slots["agent"]
        return options[int(self.rng.random() * len(options))].format(
            name.lower() if manner == "loose" else name
        )

    def turn(self, move: str, extra: str = "", idea: str = "") -> str:
        """A later message; `extra` is a sentence added after it (a recommendation, a warning)."""
        body = self._voiced(_joined(self._said(move), extra), _MOOD_AFTER[move])
        return self._framed(self._with_idea(body, idea), is_first=False)

    def _gushing(self) -> str:
        """What somebody writes who is won over: long, and not only about the matter."""
        stock, loved = self.stock["warm"], family("surveys")["loved"]["turn"]
        parts = [self._say(stock["open"]), self._say(loved)]
        parts += [self.slots["goodbit"] if self.rng.random() < 0.45 else "", self._maybe(0.5, stock["why"])]
        more = self._maybe(0.55, loved)
        return _joined(*parts, "" if more in parts else more)

    def _said(self, move: str) -> str:
        stock, situation, rng, slots = self.stock, self.plan.situation, self.rng, self.slots
        if move in ("thanks", "warm", "relief", "turned", "loved"):
            slots["goodbit"] = slots["goodbit_l"] = self._say(situation.good)
            slots["why"] = self._say(stock["warm"]["why"])
        if move in ("sour", "leave", "protest"):
            slots["sourbit"] = self._say(stock["sour"]["bits"])
        if move == "gives":
            return _joined(
                self._maybe(0.45, stock["gives"]["before"]), self._say(situation.gives), self._maybe(0.4, stock["gives"]["after"])
            )  # fmt: skip
        if move == "thanks":
            return self._say(stock["thanks"]["short" if rng.random() < 0.3 else "plain"])
        if move == "warm":
            return _joined(
                self._say(stock["warm"]["open"]), slots["goodbit"], self._maybe(0.7, stock["warm"]["why"])
            )
        if move == "loved":
            return self._gushing()
        if move == "still":
            return _joined(
                self._say(stock["still"]["open"]),
                self._say(situation.still),
                self._maybe(0.3, situation.asks),
            )
        if move == "repeat":
            slots["lead_again"] = self._say(situation.leads)
            return self._say(stock["sour"]["repeat"])
        if move == "sour":
            if rng.random() < 0.35:
                return _joined(self._say(situation.still), slots["sourbit"])
            return self._say(stock["sour"]["any"])
        if move == "protest":
            return _joined(self._say(stock["sour"]["protest"]), self._maybe(0.5, situation.details))
        key = {
            "chase": ("chase", "mild"), "cross_chase": ("chase", "cross"), "relief": ("relief", "any"),
            "turned": ("turned", "any"), "sceptic": ("turned", "sceptic"), "waiting": ("turned", "waiting_ok"),
            "shrug": ("sour", "shrug"), "leave": ("sour", "leave"),
        }[move]  # fmt: skip
        if self.plan.is_live and key[0] == "chase":
            return self._say(stock["chase"]["live"]["any"])
        said = self._say(stock[key[0]][key[1]])
        if move in ("chase", "cross_chase") and rng.random() < 0.4:
            said = _joined(said, self._say(situation.asks if rng.random() < 0.6 else situation.impact))
        return said


def _joined(*parts: str) -> str:
    """Sentences one after another, with one space between and a stop where one is missing."""
    text = ""
    for part in parts:
        if not part.strip():
            continue
        part = part.rstrip(" ") if part.startswith("\n") else part.strip()
        if text and not part.startswith("\n"):
            text += " " if text[-1] in ".!?,:)…" else ". "
        text += part
    return text
