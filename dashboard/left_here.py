"""Did words of leaving foretell leaving here? The two by two, and what it takes to tell."""

from __future__ import annotations

from dashboard import page
from dashboard.customers import day, sentence, two_by_two
from dashboard.evidence import plain, unbroken
from dashboard.links import link
from dashboard.state import Data
from metrics import wording
from metrics.contrast import foretold
from metrics.contrast.foretold import Foretold

SHOWN = 8  # accounts that left


def draw(data: Data) -> None:
    """The section of the page, over all the data whatever period is chosen."""
    found = data.remember("foretold", (), lambda: foretold.foretold(data.version))
    if not found:
        load = link("Load a table of accounts", "exports", system="accounts")
        page.heading(
            "Whether words of leaving foretell leaving here is not known",
            f"<p>No account in these data is known to have left. {load} with the day on which each left (churned), and this"
            " is held against what their customers said before.</p>",
        )
        return
    least = data.settings.display.too_few
    whole = found[0].shares
    rule = (
        '<p class="quiet wide">Over all the data. An account counts once, with the conversations that ended before it left; words after'
        " leaving say nothing. Intervals at 95 %: Wilson for shares, Katz for the ratio, Newcombe for the difference. Found together, which"
        " says nothing of what leads to what; who left had less time to say anything than who stayed.</p>"
    )
    page.heading(_finding(found[0], least), two_by_two(found[0], least) + _how_sure(found[0], least) + rule)
    if whole.n_first + whole.n_second >= least:
        page.write(_each(data, found, least))
    page.write(_accounts(data))


def _finding(found: Foretold, least: int) -> str:
    shares = found.shares
    n = shares.n_first + shares.n_second
    if n < least:
        return f"{n} accounts are too few to tell whether words of leaving foretell leaving here"
    counted = (
        f"{shares.count_first:,} of {shares.n_first:,} accounts whose customers said so or left worse have left,"
        f" and {shares.count_second:,} of {shares.n_second:,} others"
    )
    if min(shares.n_first, shares.n_second) < least or shares.ratio is None or shares.difference is None:
        return counted
    ratio, low, high = shares.ratio
    if low is not None and low > 1:
        return f"Accounts whose customers said so or left worse left {ratio:.1f} times as often as the others"
    if high is not None and high < 1:
        return f"Accounts whose customers said so or left worse left less often than the others, {ratio:.1f} times as often"
    return "Words of leaving did not foretell leaving here beyond noise"


def _how_sure(found: Foretold, least: int) -> str:
    """Ratio and difference with their intervals, where both groups are large enough, and how long before it was said."""
    shares = found.shares
    said = ""
    if min(shares.n_first, shares.n_second) >= least and shares.difference is not None:
        change, low, high = shares.difference
        said = f"Difference {wording.signed(100 * change, 1)} points ({wording.signed(100 * low, 1)} to {wording.signed(100 * high, 1)})."
        if shares.ratio is not None and shares.ratio[1] is not None and shares.ratio[2] is not None:
            ratio, least_ratio, most_ratio = shares.ratio
            said = f"{ratio:.1f} times as often ({least_ratio:.1f} to {most_ratio:.1f}). {said}"
    if found.days_before is not None:
        said += f" In the middle the last of it was {found.days_before:.0f} days before leaving."
    return f'<p class="wide">{unbroken(said.strip())}</p>' if said else ""


def _each(data: Data, found: tuple[Foretold, ...], least: int) -> str:
    """Each sign by itself, and the same held against one clock: words up to a day, leaving after it."""
    tables = "".join(two_by_two(one, least) + _how_sure(one, least) for one in found[1:])
    middle = data.remember("middle", (), lambda: foretold.middle(data.version))
    later = data.remember("foretold since", middle, lambda: foretold.foretold(data.version, middle))
    if later and middle is not None:
        tables += (
            f"<p><strong>With the same clock for all: said up to {day(middle)}, left after it.</strong></p>"
            f"{two_by_two(later[0], least)}{_how_sure(later[0], least)}"
        )
    return f"<details><summary>Each sign by itself, and from one day on</summary>{tables}</details>"


def _accounts(data: Data) -> str:
    rows = data.remember("accounts that left", (), lambda: foretold.accounts(data.version, SHOWN))
    items = "".join(
        f"<li><strong>{plain(row['account'])}</strong> left on {day(row['left_on'])}: "
        + (
            f"last sign on {day(row['sign_on'])}, {sentence(None, row['source'], row['ticket_id'], 'goodwill_step', {})}"
            if row["ticket_id"]
            else "no sign before it"
        )
        + "</li>"
        for row in rows.iter_rows(named=True)
    )
    return f'<details><summary>The accounts that left last</summary><ol class="list tight">{items}</ol></details>'
