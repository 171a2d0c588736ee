"""The words of an idea that say what it is about, on whole columns at once."""

from __future__ import annotations

from typing import Final

import polars as pl

# Words of asking, of politeness, of time and of grammar: they say that something is wished for, not what.
_SAID_ANYWAY: Final = frozenset(
    """
    able about actually add added adding after again all allow also always and another any anyone anything are away back because been
    before being best better big bit both bring but called came can cannot cant come comes concerning could couldnt day
    days did didnt does doesnt doing done dont down each easier easy either else enough even ever every everyone everything
    feature few find first for from get gets give given gives going gone good got great had handy hard has have havent
    having hello help helpful her here hers him his hope how idea ideally ideas instead into isnt its itself just keep kind
    know last least less let lets like little long longer look looks lots love loved made make makes many may maybe mean
    might mine more most much must need needs never new next nice nobody not nothing now off old once one only option other
    others ought our ours out over own people per perhaps please pls possible put really right said same save saved saves
    saving say saying says see seems send sense shall she should show simple since some somebody someone something
    sometimes somewhere soon sort stay still such suggest suggestion sure take takes tbh tell than thank thanks that thats
    the their them then there theres these they thing things think this those though thx time times together too took
    tried try two under until upon use used useful user using very want wants was wasnt way ways well were werent what
    whatever when where which while who whole whom whose why will wish with within without wont work works would wouldnt
    year years yes yet you your yours yourself godsend half happily ill itd ive later lovely perfect thatd whole wouldve
    """.split()
)
# Also as they stand once their plural s is gone.
_LEFT_OUT: Final = sorted(_SAID_ANYWAY | {word[:-1] for word in _SAID_ANYWAY if word.endswith("s")})
FEWEST_LETTERS: Final = 3


def telling(text: pl.Expr) -> pl.Expr:
    """The telling words of a text in their order, each once: a list for each row.

    In small letters and without a plural s; words of asking and of grammar, short ones and contractions are none.
    """
    said = text.str.to_lowercase().str.replace_all("’", "'").str.extract_all(r"\p{L}+(?:'\p{L}+)*")
    words = said.list.eval(
        pl.element()
        .filter(
            (pl.element().str.len_chars() >= FEWEST_LETTERS) & ~pl.element().str.contains("'", literal=True)
        )
        .str.replace(r"([^s])s$", "$1")
    )
    return words.list.eval(pl.element().filter(~pl.element().is_in(_LEFT_OUT)).unique(maintain_order=True))
