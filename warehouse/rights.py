"""Who may see what: the roles, checked where pages are listed and again where the data are read."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from warehouse.errors import BadSettings, NotAllowed


class Role(StrEnum):
    """What a person is in the organisation."""

    DIRECTOR = "director"
    FINANCE = "finance"
    LEAD = "lead"
    ANALYST = "analyst"
    READER = "reader"


class Area(StrEnum):
    """A part of what Heard shows or keeps, which a role may use or not."""

    HOME = "home"
    TEAMS = "teams"
    CUSTOMERS = "customers"
    IDEAS = "ideas"
    MONEY = "money"
    ASSUMPTIONS = "assumptions"  # what Money is computed from
    CONVERSATIONS = "conversations"
    TRUST = "trust"
    SILENT = "silent customers"
    SCORES = "scores"
    DIGEST = "digest"
    REVIEW = "review"
    DATA = "data"
    GLOSSARY = "glossary"
    EDIT = "what people set"  # statuses, targets, notes, to-do


_ALL: Final = frozenset(Area)
AREAS: Final[Mapping[Role, frozenset[Area]]] = {
    Role.ANALYST: _ALL,
    Role.DIRECTOR: _ALL - {Area.ASSUMPTIONS},
    Role.FINANCE: frozenset(
        {Area.HOME, Area.TEAMS, Area.SILENT, Area.MONEY, Area.ASSUMPTIONS, Area.DIGEST, Area.GLOSSARY}
    ),
    Role.LEAD: _ALL - {Area.MONEY, Area.ASSUMPTIONS, Area.DATA},
    Role.READER: frozenset({Area.HOME, Area.DIGEST, Area.GLOSSARY}),
}
IN_WORDS: Final[Mapping[Role, str]] = {
    Role.DIRECTOR: "everything but what Money is computed from",
    Role.FINANCE: "home, Teams, Silent customers, Money, Digest; personal data in quotes is masked",
    Role.LEAD: "everything of their own team, without Money and Data",
    Role.ANALYST: "everything",
    Role.READER: "home and Digest only; personal data in quotes is masked",
}
_MASKED: Final = frozenset({Role.FINANCE, Role.READER})


@dataclass(frozen=True)
class Rights:
    """What one person may see: their role and, of a lead, the teams.

    A lead's data hold the tickets of those teams only, whatever is asked of them (warehouse.store.open_version).
    """

    role: Role = Role.ANALYST
    teams: tuple[str, ...] = ()
    areas: frozenset[Area] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if (self.role is Role.LEAD) != bool(self.teams):
            raise BadSettings(
                "A lead needs a team." if self.role is Role.LEAD else f"A {self.role} sees every team.",
                fix="--role lead --team NAME"
                if self.role is Role.LEAD
                else "leave the team out, or use the role lead",
            )
        object.__setattr__(self, "areas", AREAS[self.role])

    @property
    def is_masked(self) -> bool:
        """Whether personal data in quotes is replaced by words."""
        return self.role in _MASKED

    def may(self, area: Area) -> bool:
        """Whether this area is theirs."""
        return area in self.areas

    def check(self, area: Area) -> None:
        """Raises NotAllowed where this area is not theirs."""
        if not self.may(area):
            raise NotAllowed(
                f"The role {self.role} does not include {area}.",
                fix="ask whoever runs Heard for another role",
            )


def from_words(role: str, teams: Sequence[str] = ()) -> Rights:
    """The rights of a role by its name. Raises BadSettings on an unknown role, or a lead without a team."""
    if role not in list(Role):
        raise BadSettings(f"There is no role {role!r}.", fix=f"roles are {', '.join(Role)}")
    return Rights(Role(role), tuple(teams))


def to_environment(rights: Rights) -> dict[str, str]:
    """The rights as environment variables, for the server that `heard serve` starts."""
    return {"HEARD_ROLE": str(rights.role), "HEARD_TEAMS": json.dumps(rights.teams)}


def from_environment() -> Rights:
    """The rights that the server was started with; everything where none were named."""
    role = os.environ.get("HEARD_ROLE", "")
    return from_words(role, json.loads(os.environ.get("HEARD_TEAMS", "[]"))) if role else Rights()
