"""Once: what several signals ask of the same conversations is found once and kept beside them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar, cast

from metrics.measure import Conversations

P = ParamSpec("P")
T = TypeVar("T")


def once(
    work: Callable[Concatenate[Conversations, P], T],
) -> Callable[Concatenate[Conversations, P], T]:
    """The work, done once for the same conversations and arguments; nobody may change what it gives.

    It is forgotten together with the conversations.
    """

    @wraps(work)
    def remembered(conversations: Conversations, *args: P.args, **kwargs: P.kwargs) -> T:
        key = (work, args, tuple(sorted(kwargs.items())))
        if key not in conversations.known:
            conversations.known[key] = work(conversations, *args, **kwargs)
        found: T = conversations.known[key]
        return found

    return cast(Callable[Concatenate[Conversations, P], T], remembered)
