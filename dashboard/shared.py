"""What conversations have in common, in words and as a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dashboard.evidence import plain
from dashboard.links import CONVERSATIONS, LOOKS_FINE, link
from metrics import wording
from metrics.contrast.against_score import Lens, Rate
from metrics.contrast.in_common import TAG, WORD, InCommon, Shared

KINDS: Final = {"team": "team", "channel": "channel", "contact_reason": "topic", TAG: "tag", WORD: "word"}
SHOWN: Final = 12
_FINDINGS: Final[dict[Lens, tuple[str, str]]] = {
    "every score": ("One that looks fine isn't", "{count:,} that look fine aren't"),
    "rated good": ("One rated good left worse or unhappy", "{count:,} rated good left worse or unhappy"),
    "scored badly": ("One that scores badly is better than its score", "{count:,} that score badly are better than their score"),
}  # fmt: skip
_WORDS: Final[dict[Lens, str]] = {
    "every score": "aren't fine",
    "rated good": "left worse or unhappy",
    "scored badly": "went better",
}
LISTS: Final[dict[Lens, str]] = {
    lens: lens.replace(" ", "_") for lens in _WORDS
}  # as the address names a list


def counted(lens: Lens, rate: Rate) -> str:
    """How many there are."""
    one, many = _FINDINGS[lens]
    return one if rate.count == 1 else many.format(count=rate.count)


def finding(lens: Lens, rate: Rate, common: InCommon) -> str:
    """How many, and the surest of what they have in common, where anything stands."""
    said = counted(lens, rate)
    surest = common.surest or next(iter(common.shared), None)
    if surest is None:
        return said
    what = f"the {KINDS[surest.dimension]} {_name(surest)}"
    return f"{said}; {what} is {surest.ratio:.1f} times as common among them as among the others"


def _name(one: Shared) -> str:
    return f"“{one.value}”" if one.dimension == WORD else one.value


def shared_html(common: InCommon, lens: Lens, query: Mapping[str, str]) -> str:
    """The table of what stands, each with its conversations; a sentence where nothing does."""
    if not common.shared:
        return (
            f'<p>They have nothing in common beyond noise.</p><p class="quiet wide">{plain(common.rule)}</p>'
        )
    words = _WORDS[lens]
    rows = "".join(_row(one, lens, query) for one in common.shared[:SHOWN])
    more = len(common.shared) - SHOWN
    rest = f" {more} more stand." if more > 0 else ""
    return (
        '<div class="scroll" tabindex="0" role="region" aria-label="What they have in common"><table class="figures"><thead><tr>'
        f'<th scope="col">More often with</th><th scope="col" class="n">of those that {words}</th>'
        '<th scope="col" class="n">of the others</th><th scope="col" class="n">Times as often</th>'
        f'<th scope="col" class="n">95 % interval</th><th scope="col" class="n">Conversations</th></tr></thead><tbody>{rows}</tbody></table></div>'
        f'<p class="quiet wide">{plain(common.rule)}{rest} Found together, which says nothing of what leads to what.</p>'
    )


def _row(one: Shared, lens: Lens, query: Mapping[str, str]) -> str:
    kind = KINDS[one.dimension]
    high = "no upper end" if one.high is None else f"{one.high:.1f}"
    if one.dimension == WORD:
        read = f"{one.count:,} of {one.n:,} {link('find', CONVERSATIONS, query, q=one.value)}"
    else:
        read = link(
            f"{one.count:,} of {one.n:,}", LOOKS_FINE, query, {one.dimension: one.value}, list=LISTS[lens]
        )
    return (
        f'<tr><th scope="row">{plain(_name(one))}<span class="small">{kind}</span></th>'
        f'<td class="n">{plain(wording.say(one.share, "share"))}</td><td class="n">{plain(wording.say(one.share_of_others, "share"))}</td>'
        f'<td class="n">{one.ratio:.1f}</td><td class="n">{one.low:.1f} to {high}</td><td class="n">{read}</td></tr>'
    )
