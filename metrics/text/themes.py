"""Themes: what texts are about, found in a sample of them and named by their own words.

A theme is a direction in the space of words. `fit` finds themes by TF-IDF and non-negative matrix factorisation
(scikit-learn); `nearest` tells which one a text is closest to, and by which of its words. The same sample gives the
same themes: nothing is drawn at random. Themes fitted anew keep the names of those that they resemble.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

Numbers = npt.NDArray[np.float64]

MOST_CHARACTERS: Final = 1_000  # of a text are read: what it is about stands at its beginning
MOST_WORDS: Final = 4_000
FEWEST_TEXTS: Final = 5  # that hold a word, and at least this share of all
LEAST_SHARE: Final = 0.001
MOST_SHARE: Final = 0.35  # a word of more texts tells nothing
NAMED_BY: Final = 3
STEM: Final = 4  # letters in which two words of one name differ
CLOSE: Final = 0.12  # cosine; a text farther from every theme belongs to none
SAME: Final = 0.5  # cosine from which on a new theme keeps the name of an old one

_ADDRESSES: Final = r"\S*@\S+|\bhttps?://\S+|\bwww\.\S+"
# Words of manners, time and support talk, which say nothing of what a text is about; beside those of scikit-learn.
_FORMULAS: Final = frozenset(
    "hello hey dear please thanks thank regards kind best sincerely cheers kindly needful help helping support team customer "
    "service ticket issue issues problem problems question questions want wanted need needed know like just got get getting "
    "trying tried try does did doing don doesn didn isn wasn aren won haven hasn can't cannot couldn wouldn ive ill today "
    "yesterday tomorrow morning afternoon evening day days week weeks month months year years hour hours time times monday "
    "tuesday wednesday thursday friday saturday sunday january february march april may june july august september october "
    "november december again still really very much way thing things make makes made say says said tell told let look looking "
    "see seen going went come came use used using good great sorry hope wrote write message email mail reply answer contact "
    "able right sure soon back ask asked asking new old long little bit one two three lot http https www com "
    "because since yet ever anymore even maybe think work working works".split()
)


@dataclass(frozen=True)
class Themes:
    """Themes by name, and for each word of theirs how rare it is and how much it speaks for each theme."""

    names: tuple[str, ...]
    words: tuple[str, ...]
    rarity: Numbers  # one a word
    weights: Numbers  # a row a word, a column a theme; each column has length 1


def words(texts: pl.DataFrame, column: str = "text") -> pl.DataFrame:
    """The words of texts as often as they are said: row (the text's place), word. Links and names after @ are none."""
    begin = pl.col(column).str.slice(0, MOST_CHARACTERS).str.to_lowercase().str.replace_all(_ADDRESSES, " ")
    said = texts.select(row=pl.int_range(pl.len()), word=begin.str.extract_all(r"\p{L}{3,}"))
    return said.explode("word").drop_nulls("word")


def placed(texts: pl.DataFrame, listed: Sequence[str], column: str = "text") -> pl.DataFrame:
    """Which of the listed words each text holds, each once and in order: row (the text's place), place (the word's)."""
    places = pl.DataFrame(
        {"word": listed, "place": np.arange(len(listed))}, schema_overrides={"word": pl.String}
    )
    return words(texts, column).join(places, on="word").select("row", "place").unique().sort("row", "place")


def fit(texts: pl.DataFrame, count: int, before: Themes | None = None) -> Themes:
    """At most `count` themes of these texts, the most frequent first; fewer where the texts hold too few words."""
    from scipy.sparse import csr_matrix
    from sklearn.decomposition import NMF
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    empty = sorted(ENGLISH_STOP_WORDS | _FORMULAS)
    said = words(texts).filter(~pl.col("word").is_in(empty)).unique()
    least = max(FEWEST_TEXTS, LEAST_SHARE * texts.height)
    known = (
        said.group_by("word")
        .agg(texts=pl.len())
        .filter((pl.col("texts") >= least) & (pl.col("texts") <= MOST_SHARE * texts.height))
        .sort(["texts", "word"], descending=[True, False])
        .head(MOST_WORDS)
        .sort("word")
    )
    count = min(count, known.height // NAMED_BY)
    if count == 0:
        return Themes((), (), np.empty(0), np.empty((0, 0)))
    rarity = np.log((1 + texts.height) / (1 + known["texts"].to_numpy())) + 1
    listed = tuple(known["word"].to_list())
    matrix = _matrix(placed(texts, listed), rarity, texts.height, csr_matrix)
    model = NMF(n_components=count, init="nndsvd", random_state=0, max_iter=300, tol=1e-3)
    with np.errstate(invalid="ignore"):  # the distance of a perfect fit may come out a hair below zero
        shares = model.fit_transform(matrix)
    found = np.asarray(model.components_, dtype=np.float64)
    found = found[np.argsort(-np.bincount(shares.argmax(axis=1), minlength=count), kind="stable")]
    found = found[found.sum(axis=1) > 0]
    weights = (found / np.linalg.norm(found, axis=1, keepdims=True)).T
    names = _names(listed, weights)
    return Themes(_kept(names, listed, weights, before), listed, rarity, weights)


def _matrix(told: pl.DataFrame, rarity: Numbers, rows: int, make: Any) -> Any:
    """Texts by words, each text of length 1."""
    row, place = told["row"].to_numpy(), told["place"].to_numpy()
    values = rarity[place]
    length = np.sqrt(np.bincount(row, weights=values**2, minlength=rows))
    return make((values / length[row], (row, place)), shape=(rows, len(rarity)))


def _names(listed: tuple[str, ...], weights: Numbers) -> tuple[str, ...]:
    """Each theme by the words that speak most for it."""
    order = np.argsort(-weights, axis=0, kind="stable")
    names: list[str] = []
    for theme in range(weights.shape[1]):
        top: list[str] = []
        for word in (listed[place] for place in order[:, theme] if weights[place, theme] > 0):
            if len(top) < NAMED_BY and not any(word[:STEM] == other[:STEM] for other in top):
                top.append(word)
        names.append(" ".join(top) if " ".join(top) not in names else f"{' '.join(top)} {theme + 1}")
    return tuple(names)


def _kept(
    names: tuple[str, ...], listed: tuple[str, ...], weights: Numbers, before: Themes | None
) -> tuple[str, ...]:
    """The names, those of themes before taken over where a new one resembles them; each at most once, nearest first."""
    if before is None or not before.names:
        return names
    place = {word: number for number, word in enumerate(before.words)}
    shared = [(new, place[word]) for new, word in enumerate(listed) if word in place]
    if not shared:
        return names
    here, there = np.array(shared).T
    alike = weights[here].T @ before.weights[there]
    given: dict[int, str] = {}
    taken: set[int] = set()
    for new, old in zip(
        *np.unravel_index(np.argsort(-alike, axis=None, kind="stable"), alike.shape), strict=True
    ):
        if alike[new, old] >= SAME and int(new) not in given and int(old) not in taken:
            given[int(new)] = before.names[int(old)]
            taken.add(int(old))
    kept = set(given.values())
    return tuple(
        given.get(number, name if name not in kept else f"{name} {number + 1}")
        for number, name in enumerate(names)
    )


def nearest(texts: pl.DataFrame, themes: Themes) -> pl.DataFrame:
    """For each text, in order: theme (its name; null where the text is close to none), word (that speaks most for it).

    Texts without two words of any theme are close to none. Of a text with a part `said`, the word is one of that part, null
    where it holds none.
    """
    nothing = pl.DataFrame({"theme": [None] * texts.height, "word": [None] * texts.height}, schema=_NEAREST)
    if not themes.names:
        return nothing
    told = placed(texts, themes.words)
    if told.is_empty():
        return nothing
    row, place = told["row"].to_numpy(), told["place"].to_numpy()
    # Sums over the words of each text: rows come in order, so that each text is one stretch.
    first = np.flatnonzero(np.diff(row, prepend=-1))
    length = np.sqrt(np.add.reduceat(themes.rarity[place] ** 2, first))
    given = themes.weights[place] * themes.rarity[place, None]
    closeness = np.add.reduceat(given, first, axis=0) / length[:, None]
    best = closeness.argmax(axis=1)
    several = np.diff(np.append(first, len(row))) > 1
    is_close = several & (closeness[np.arange(len(best)), best] >= CLOSE)
    stretch = np.repeat(np.arange(len(first)), np.diff(np.append(first, len(row))))
    spoken = pl.DataFrame({"text": row, "place": place, "given": given[np.arange(len(row)), best[stretch]]})
    if "said" in texts.columns:
        own = placed(texts, themes.words, "said").rename({"row": "text"})
        spoken = spoken.join(own, on=["text", "place"], how="semi")
    top = (
        spoken.filter(pl.col("given") > 0)
        .sort(["text", "given", "place"], descending=[False, True, False])
        .unique("text", keep="first", maintain_order=True)
    )
    names, listed = pl.Series(themes.names, dtype=pl.String), pl.Series(themes.words, dtype=pl.String)
    found = pl.DataFrame({"row": row[first], "theme": names.gather(best), "is_close": is_close}).filter(
        "is_close"
    )
    said = pl.DataFrame({"row": top["text"], "word": listed.gather(top["place"])})
    rows = pl.DataFrame({"row": np.arange(texts.height)})
    told = rows.join(found.join(said, on="row", how="left"), on="row", how="left", maintain_order="left")
    return told.select(_NEAREST.names()).cast(_NEAREST)


_NEAREST: Final = pl.Schema({"theme": pl.String(), "word": pl.String()})


def as_rows(themes: Themes) -> pl.DataFrame:
    """The words of the themes as they are kept: word, rarity, weights (one a theme)."""
    return pl.DataFrame(
        {"word": themes.words, "rarity": themes.rarity, "weights": themes.weights.tolist()},
        schema={"word": pl.String, "rarity": pl.Float64, "weights": pl.List(pl.Float64)},
    )


def from_rows(names: tuple[str, ...], rows: pl.DataFrame) -> Themes:
    """The themes that were kept."""
    ordered = rows.sort("word")
    weights = np.array(ordered["weights"].to_list(), dtype=np.float64).reshape(ordered.height, len(names))
    return Themes(names, tuple(ordered["word"].to_list()), ordered["rarity"].to_numpy(), weights)


def where(texts: pl.Series, found: pl.Series) -> pl.DataFrame:
    """Where each word stands first in its text, as code points: start, end; null where it does not."""
    padded = pl.concat_str(
        pl.lit(" "), pl.col("text").str.to_lowercase().str.replace_all(r"[^\p{L}]", " "), pl.lit(" ")
    )
    needle = pl.concat_str(pl.lit(" "), pl.col("word"), pl.lit(" "))
    before = padded.str.split(needle).list.first().str.len_chars()
    spans = pl.DataFrame({"text": texts, "word": found}).select(
        "text", "word", start=pl.when(padded.str.contains(needle, literal=True)).then(before).cast(pl.Int64)
    )
    length = pl.col("word").str.len_chars().cast(pl.Int64)
    is_there = pl.col("text").str.slice(pl.col("start"), length).str.to_lowercase() == pl.col("word")
    start = pl.when(is_there).then("start")
    return spans.select(start=start, end=start + length)
