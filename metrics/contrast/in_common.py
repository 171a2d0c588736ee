"""What conversations have in common: what is found more often among them than among others of their kind.

Each team, channel, contact reason and tag, and each word of the customer's first message, is compared: its share of those
that are so, against its share of the others. The interval of the ratio of the two shares allows for customers with several
conversations (influence function of the log ratio, summed by customer; Student's t with the customers of the smaller side);
what is told stands after Holm's correction for all that was looked at.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl
from scipy.special import stdtr, stdtrit

from metrics.contrast.difference import holm
from metrics.tally import EXACT_ROWS, PARCELS, Rows
from metrics.text.shared_words import STEM, words
from warehouse.store import Version

DIMENSIONS: Final = ("team", "channel", "contact_reason")
TAG, WORD = "tag", "word"
TOO_FEW: Final = 30
LEAST_EXPECTED: Final = 3.0  # of those that are so, if it had nothing to do with it
SAMPLED: Final = 1_500  # of each side whose first messages are read for words; the same ones each time
_LONGEST: Final = 2_000  # characters of a first message
_ORDER: Final = (*DIMENSIONS, TAG)
_SUMS: Final = ("x1", "x0", "x11", "x10", "x00", "x1d", "x0d")
# Words that say little by themselves, beside those that shared_words leaves out.
_SAID_ANYWAY: Final = sorted(
    {
        word[:STEM]
        for word in "every everyone everything always again already anyone anything because before after between both can't"
        " cannot could couldn during each else few first last next many might own same several such through today tomorrow"
        " under until using used user very week weeks month months day days yesterday year years without within yet per".split()
    }
)
_COMMON: Final = "source, ticket_id, cluster, team, channel, contact_reason, tags"


@dataclass(frozen=True)
class Sides:
    """How many conversations are so and how many are not, and of how many customers they are."""

    so: int
    others: int
    customers_so: int
    customers_others: int


@dataclass(frozen=True)
class Shared:
    """Something found more often among those that are so: of `count_so` and of the others, the share that has it.

    ratio: the one share divided by the other, with its 95 % interval (by itself, before the correction); high is null
    where none of the others has it.
    """

    dimension: str
    value: str
    count: int  # of those that are so, those with it
    n: int  # of all, those with it
    share: float
    share_of_others: float
    ratio: float
    low: float
    high: float | None
    chance: float


@dataclass(frozen=True)
class InCommon:
    """What stands, the surest first, and what was looked at. `count_so` and `count_others` are conversations."""

    shared: tuple[Shared, ...]
    count_so: int
    count_others: int
    count_looked: int
    count_words_read: int

    @property
    def surest(self) -> Shared | None:
        """The surest that is no word; null where none stands."""
        return next((one for one in self.shared if one.dimension != WORD), None)

    @property
    def rule(self) -> str:
        """How it was decided, in words."""
        if not self.count_looked:
            return "There are too few of them to compare with the others."
        read = (
            f" Words are those of the customers' first messages, of {self.count_words_read:,} conversations"
            " (all of them, or as many drawn by a fixed rule)."
            if self.count_words_read
            else ""
        )
        return (
            f"{self.count_looked:,} teams, channels, topics, tags and words were compared with the {self.count_others:,} others;"
            f" told is what exceeds noise after correcting for how many were looked at (Holm, 5 %).{read}"
        )


def in_common(
    version: Version, rows: Rows, *, too_few: int = TOO_FEW, sides: Sides | None = None
) -> InCommon:
    """What conversations that are so have in common, against the others; `sides` are counted where they are not known.

    `rows` is SQL, with the values to bind, of ticket facts with a column is_so (BOOLEAN; null is left out). Looked at is what
    at least `too_few` conversations have and LEAST_EXPECTED of those that are so would have by their number alone, so that the
    choice does not hang on the answer.
    """
    sql, params = rows
    sides = sides or _sides(version, rows)
    so, others = sides.so, sides.others
    if not so or not others:
        return InCommon((), so, others, 0, 0)
    found = version.query(_parts_sql(sql, so, others, so + others > EXACT_ROWS), params).to_dicts()
    degrees = min(sides.customers_so, sides.customers_others) - 1
    read, said = _words(version, rows, so, others)
    looked = [
        one
        for one in (
            *(
                _shared(row, so, others, degrees, row["dd"], too_few, so / (so + others))
                for row in _distinct(found)
            ),
            *said,
        )
        if one is not None
    ]
    stands = holm([one.chance for one in looked])
    kept = [one for one, is_kept in zip(looked, stands, strict=True) if is_kept and one.ratio > 1]
    kept.sort(key=lambda one: (one.chance, -one.ratio, one.dimension, one.value))
    return InCommon(tuple(kept), so, others, len(looked), read)


def _distinct(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """A tag that every conversation of a team has, and no other, says the same as the team: it is told once."""
    first: dict[tuple[float, ...], dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: _ORDER.index(row["dimension"])):
        first.setdefault(tuple(round(row[name], 9) for name in _SUMS), row)
    return list(first.values())


def _chosen(sql: str) -> str:
    return f"chosen AS (SELECT {_COMMON}, is_so FROM ({sql}) WHERE is_so IS NOT NULL)"


def _sides(version: Version, rows: Rows) -> Sides:
    sql, params = rows
    found = version.query(
        f"""
        WITH {_chosen(sql)}
        SELECT coalesce(sum(so), 0)::BIGINT AS so, coalesce(sum(others), 0)::BIGINT AS others,
               count_if(so > 0) AS customers_so, count_if(others > 0) AS customers_others
        FROM (SELECT count_if(is_so) AS so, count_if(NOT is_so) AS others FROM chosen GROUP BY cluster)
        """,
        params,
    )
    return Sides(*(int(value) for value in found.row(0)))


def _parts_sql(sql: str, so: int, others: int, in_parcels: bool) -> str:
    """A row for each value: its counts on both sides (x1, x0), and the sums over customers that the variance is made of."""
    cluster = f"cluster % {PARCELS} AS cluster" if in_parcels else "cluster"
    counted = "cluster, count(*) FILTER (is_so)::DOUBLE AS x1, count(*) FILTER (NOT is_so)::DOUBLE AS x0"
    parts = [
        f"SELECT '{name}' AS dimension, {name} AS value, {counted} FROM slim WHERE {name} <> '' GROUP BY ALL"
        for name in DIMENSIONS
    ]
    parts.append(
        f"SELECT '{TAG}' AS dimension, tag AS value, {counted} FROM"
        " (SELECT cluster, is_so, unnest(CASE WHEN len(tags) > 1 THEN list_distinct(tags) ELSE tags END) AS tag FROM slim)"
        " WHERE tag <> '' GROUP BY ALL"
    )
    return f"""
        WITH {_chosen(sql)},
        slim AS MATERIALIZED (SELECT {cluster}, {", ".join(DIMENSIONS)}, tags, is_so FROM chosen),
        whole AS MATERIALIZED (
            SELECT cluster, count(*) FILTER (is_so) / {so}.0 - count(*) FILTER (NOT is_so) / {others}.0 AS d
            FROM slim GROUP BY cluster
        ),
        parts AS ({" UNION ALL ".join(parts)})
        SELECT dimension, value, sum(x1) AS x1, sum(x0) AS x0, sum(x1 * x1) AS x11, sum(x1 * x0) AS x10,
               sum(x0 * x0) AS x00, sum(x1 * d) AS x1d, sum(x0 * d) AS x0d, (SELECT sum(d * d) FROM whole) AS dd
        FROM parts JOIN whole USING (cluster) GROUP BY dimension, value ORDER BY dimension, value
    """


def _shared(
    row: dict[str, Any], so: int, others: int, degrees: int, dd: float, too_few: int, expected: float
) -> Shared | None:
    """The ratio of the two shares of one value; None where too few have it."""
    x1, x0 = float(row["x1"]), float(row["x0"])
    if x1 + x0 < too_few or (x1 + x0) * expected < LEAST_EXPECTED or degrees < 1:
        return None
    share, share_of_others = x1 / so, x0 / others
    about = (row["dimension"], str(row["value"]), int(x1), int(x1 + x0), share, share_of_others)
    if x1 == 0:
        return Shared(*about, ratio=0.0, low=0.0, high=None, chance=1.0)
    if x0 == 0:
        ratio = (x1 + 0.5) / (so + 1) / (0.5 / (others + 1))
        variance = 1 / (x1 + 0.5) - 1 / (so + 1) + 1 / 0.5 - 1 / (others + 1)
    else:
        ratio = share / share_of_others
        squares = row["x11"] / x1**2 - 2 * row["x10"] / (x1 * x0) + row["x00"] / x0**2
        crossed = row["x1d"] / x1 - row["x0d"] / x0
        variance = squares - 2 * crossed + dd
    error = math.sqrt(max(variance, 1e-12) * (degrees + 1) / degrees)
    half = float(stdtrit(degrees, 0.975)) * error
    return Shared(
        *about,
        ratio=ratio,
        low=ratio * math.exp(-half),
        high=ratio * math.exp(half) if x0 else None,
        chance=2 * float(stdtr(degrees, -abs(math.log(ratio)) / error)),
    )


def _words(version: Version, rows: Rows, so: int, others: int) -> tuple[int, list[Shared]]:
    """How many first messages were read, and what was found of their words."""
    sql, params = rows
    picked = " UNION ALL ".join(
        f"(SELECT source, ticket_id, cluster, is_so FROM chosen WHERE {test} ORDER BY hash(source, ticket_id), ticket_id LIMIT {SAMPLED})"
        for test in ("is_so", "NOT is_so")
    )
    texts = version.query(
        f"""
        WITH {_chosen(sql)}, picked AS MATERIALIZED ({picked})
        SELECT p.source, p.ticket_id, any_value(p.cluster) AS cluster, any_value(p.is_so) AS is_so,
               left(arg_min(w.text, (w.created_at, w.position, w.message_id)), {_LONGEST}) AS text
        FROM picked p JOIN turns w USING (source, ticket_id)
        WHERE w.role = 'customer' AND w.is_public AND w.text <> ''
        GROUP BY ALL ORDER BY p.source, p.ticket_id
        """,
        params,
    )
    return texts.height, words_in_common(texts, so / (so + others))


def words_in_common(texts: pl.DataFrame, expected: float, *, too_few: int = TOO_FEW) -> list[Shared]:
    """Every word that at least `too_few` of the texts hold, compared; columns cluster, is_so, text; one row a conversation.

    A word is its first letters (metrics/text/shared_words.py), said as it is written most often. `expected` is the share of
    all conversations that are so.
    """
    so, others = (texts.filter(pl.col("is_so") == side).height for side in (True, False))
    if not so or not others:
        return []
    base = texts.with_row_index("row").with_columns(pl.col("is_so").cast(pl.Float64()).alias("y"))
    whole = base.group_by("cluster").agg(
        d=pl.col("y").sum() / so - (1 - pl.col("y")).sum() / others,
        one=pl.col("y").max(),
        other=pl.col("y").min(),
    )
    degrees = int(min(whole.filter(pl.col("one") == 1).height, whole.filter(pl.col("other") == 0).height)) - 1
    told = (
        base.select("row", "cluster", "y", stem=words(pl.col("text")).list.set_difference(_SAID_ANYWAY))
        .explode("stem")
        .drop_nulls("stem")
    )
    often = (
        told.group_by("stem")
        .agg(n=pl.len(), k=pl.col("y").sum())
        .filter(pl.col("n") >= too_few)["stem"]
        .to_list()
    )
    sums = (
        told.filter(pl.col("stem").is_in(often))
        .group_by("stem", "cluster")
        .agg(x1=pl.col("y").sum(), x0=(1 - pl.col("y")).sum())
        .join(whole, on="cluster")
        .group_by("stem")
        .agg(
            x1=pl.col("x1").sum(), x0=pl.col("x0").sum(), x11=(pl.col("x1") ** 2).sum(),
            x10=(pl.col("x1") * pl.col("x0")).sum(), x00=(pl.col("x0") ** 2).sum(),
            x1d=(pl.col("x1") * pl.col("d")).sum(), x0d=(pl.col("x0") * pl.col("d")).sum(),
        )
        .sort("stem")
    )  # fmt: skip
    dd = float((whole["d"] ** 2).sum())
    written = _written(base, often)
    found = (
        _shared(
            {**row, "dimension": WORD, "value": written.get(row["stem"], row["stem"])},
            so, others, degrees, dd, too_few, expected,
        )
        for row in sums.iter_rows(named=True)
    )  # fmt: skip
    return [one for one in found if one is not None]


def _written(texts: pl.DataFrame, stems: Sequence[str]) -> dict[str, str]:
    """How each word is written most often."""
    tokens = (
        texts.select(token=pl.col("text").str.to_lowercase().str.extract_all(r"[\p{L}]{3,}"))
        .explode("token")
        .with_columns(stem=pl.col("token").str.slice(0, STEM))
        .filter(pl.col("stem").is_in(list(stems)))
        .group_by("stem", "token")
        .agg(n=pl.len())
        .sort(["n", "token"], descending=[True, False])
        .unique("stem", keep="first", maintain_order=True)
    )
    return dict(tokens.select("stem", "token").rows())
