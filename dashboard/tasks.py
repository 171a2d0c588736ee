"""What to do this period, as it stands on home and on its own page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dashboard.evidence import plain
from dashboard.links import address
from dashboard.state import Data
from metrics import entered
from metrics.contrast import to_do
from metrics.contrast.to_do import Item, ToDo
from metrics.totals import Scope


def tasks(data: Data, scope: Scope, most: int) -> tuple[ToDo, ...]:
    """What there is to do in a scope, read again whenever anybody has set something."""
    key = (scope, most, entered.newest(data.version))
    return data.remember("to do", key, lambda: to_do.to_do(data.version, scope, most))


def tasks_html(lists: Sequence[ToDo], query: Mapping[str, str]) -> str:
    """The lists side by side, each with how many there are; an empty one says so."""
    return f'<div class="tasks">{"".join(_list(one, query) for one in lists)}</div>'


def _list(one: ToDo, query: Mapping[str, str]) -> str:
    items = "".join(f"<li>{item_html(item, query)}</li>" for item in one.items)
    none = '<p class="quiet">Nothing is left to do here.</p>' if not one.items else ""
    done = f" · {len(one.closed):,} done or dropped" if one.closed else ""
    return (
        f'<section><h3>{plain(one.title)}</h3><p class="quiet">{one.count_all:,} found{done}</p>'
        f'{none}<ol class="list tight">{items}</ol></section>'
    )


def item_html(item: Item, query: Mapping[str, str]) -> str:
    """One item: the words that lead to it, why it is there, and what people set."""
    where = plain(address(item.page, query, item.query))
    stands = ", ".join(
        part for part in (item.status if item.set_by else "", item.owner and f"by {item.owner}") if part
    )
    outcome = f" · {plain(item.outcome)}" if item.outcome else ""
    said = (
        f'<span class="small"><strong>{plain(stands)}</strong>{outcome}</span>' if stands or outcome else ""
    )
    return f'<a class="said" href="{where}">{plain(item.words)}</a><span class="small">{plain(item.why)}</span>{said}'
