"""How well suggestions, their answers and stated recommendations are heard, on rows that others labelled.

Every function takes a file and gives rows for the validity tables. The project's own `hear` and `judge` run on the
texts; a null counts as negative (or 0), with the coverage beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.figures import auc, load
from benchmarks.labelled import SOURCE, Key, Row, Table, binary, key, share
from benchmarks.labelled import heard as heard_of
from metrics.function.heard.unheard_suggestion import answers, unheard_suggestion
from metrics.function.trust.would_recommend import would_recommend
from metrics.measure import Conversations
from metrics.text.suggestions import scores
from metrics.text.vader import compounds


def suggestion_rows(path: Path) -> list[Row]:
    """Suggestions, label 1 or 0 of a text: positive where any of its sentences crosses the threshold."""
    rows = load(path)
    keys = [(str(number), len(row.get("messages") or [row]) - 1) for number, row in enumerate(rows)]
    labels = [int(row["label"] > 0) for row in rows]
    return _suggestion_figures(Table("suggestion", path), labels, keys, heard_of(rows))


def recommend_rows(path: Path) -> list[Row]:
    """Recommendations, label 1 or 0 of a text: what is said in words, and plain VADER's mean over sentences beside it."""
    rows, table = load(path), Table("recommend", path)
    heard = heard_of(rows)
    labels = [1 if row["label"] > 0 else -1 for row in rows]
    ids = [str(number) for number in range(len(rows))]
    plain = _plain_vader(heard)
    means = [plain.get(name, 0.0) for name in ids]
    figures = {
        **binary(labels, [int(mean > 0) for mean in means]),
        "auc": auc(labels, means),
        "coverage": share(name in plain for name in ids),
    }
    vader = table.row("recommended", "vader", len(rows), figures, output="predicted")
    return [*_stated_figures(table, labels, ids, heard), vader]


def thread_rows(path: Path) -> list[Row]:
    """Threads labelled by turn: suggestions, whether they were heard, and recommendation by the end (1, 0, -1)."""
    rows = load(path)
    return _conversation_rows(
        Table("support_threads", path), rows, [row.get("heard", {}) for row in rows], {1: 1, 0: 0, -1: -1}
    )


def ticket_rows(path: Path) -> list[Row]:
    """Tickets labelled by turn: suggestions, whether they were heard, and recommendation (yes, none, warn)."""
    rows = load(path)
    answered = [row.get("details", {}).get("suggestions.heard", {}) for row in rows]
    return _conversation_rows(
        Table("support_tickets", path), rows, answered, {"yes": 1, "none": 0, "warn": -1}
    )


def _conversation_rows(
    table: Table,
    rows: Sequence[Row],
    answered: Sequence[Mapping[str, str | None]],
    words: Mapping[Any, int],
) -> list[Row]:
    heard = heard_of(rows)
    keys: list[Key] = []
    labels: list[int] = []
    gold: dict[Key, str | None] = {}
    for number, row in enumerate(rows):
        marked = row["turns"]["suggestions"]
        gold |= {(str(number), int(turn)): said for turn, said in answered[number].items()}
        for turn, message in enumerate(row["messages"]):
            if message["speaker"] == "customer" and turn not in marked["disputed"]:
                keys.append((str(number), turn))
                labels.append(int(turn in marked["yes"]))
    said = [
        (str(number), words[row["recommend"]]) for number, row in enumerate(rows) if row["recommend"] in words
    ]
    return [
        *_suggestion_figures(table, labels, keys, heard),
        *_answer_figures(table, gold, heard),
        *_unheard_figures(table, gold, keys, heard),
        *_stated_figures(table, [label for _, label in said], [name for name, _ in said], heard),
    ]


def _suggestion_figures(
    table: Table, labels: Sequence[int], keys: Sequence[Key], heard: Conversations
) -> list[Row]:
    best = _by_key(scores(heard).group_by("ticket_id", "message_id").agg(pl.col("score").max()), "score")
    found = _found(unheard_suggestion.judge(heard))
    figures = {
        **binary(labels, [int(key in found) for key in keys]),
        "auc": auc(labels, [best.get(key, 0.0) for key in keys]),
        "coverage": share(key in best for key in keys),
    }
    ours = table.row("suggestion", "ours", len(keys), figures, measure=unheard_suggestion.name)
    return [ours, _always(table, "suggestion", labels)]


def _answer_figures(table: Table, gold: Mapping[Key, str | None], heard: Conversations) -> list[Row]:
    """Heard or not, of the suggestions that people found."""
    texts = _by_key(heard.messages, "text")
    known = {key: said for key, said in gold.items() if said is not None}
    asked = pl.DataFrame(
        [
            (SOURCE, name, f"{name}-{turn}", turn, texts[name, turn])
            for name, turn in known
            if (name, turn) in texts
        ],
        schema={
            "source": pl.String(),
            "ticket_id": pl.String(),
            "message_id": pl.String(),
            "turn": pl.Int64(),
            "text": pl.String(),
        },
        orient="row",
    )
    rows = answers(heard, asked)
    taken_up = {
        (row["ticket_id"], key(row["refers_to_message"])[1]) for row in rows if row["kind"] == "heard"
    }
    labels = [int(said == "yes") for said in known.values()]
    figures = {
        **binary(labels, [int(key in taken_up) for key in known]),
        "coverage": share(key in texts for key in known),
    }
    return [
        table.row("suggestion heard", "ours", len(known), figures, measure=unheard_suggestion.name),
        _always(table, "suggestion heard", labels),
    ]


def _unheard_figures(
    table: Table, gold: Mapping[Key, str | None], keys: Sequence[Key], heard: Conversations
) -> list[Row]:
    """Unheard suggestions from end to end: found by ourselves, and found unanswered by ourselves."""
    evidence = unheard_suggestion.judge(heard)
    found = _found(evidence)
    answered = evidence.filter(pl.col("kind") == "heard").select("ticket_id", "refers_to_message")
    taken_up = {(name, key(message)[1]) for name, message in answered.iter_rows()}
    counted = [key for key in keys if not (key in gold and gold[key] is None)]
    labels = [int(gold.get(key, "yes") != "yes") for key in counted]
    texts = _by_key(heard.messages, "text")
    figures = {
        **binary(labels, [int(key in found and key not in taken_up) for key in counted]),
        "coverage": share(key in texts for key in counted),
    }
    return [
        table.row("unheard suggestion", "ours", len(counted), figures, measure=unheard_suggestion.name),
        _always(table, "unheard suggestion", labels),
    ]


def _stated_figures(
    table: Table, labels: Sequence[int], ids: Sequence[str], heard: Conversations
) -> list[Row]:
    """Each direction of what is said in words (labels 1, 0, -1), and the more frequent answer beside them.

    Coverage is the share of texts in which either was said. Accuracy, macro-F1 and AUC take silence as not
    recommending.
    """
    evidence = would_recommend.judge(heard)
    last = dict(evidence.group_by("ticket_id").agg(pl.col("kind").sort_by("value").last()).iter_rows())
    said = [{"recommend": 1, "warn": -1}.get(last.get(name, ""), 0) for name in ids]
    positive = [int(label > 0) for label in labels]
    spoken = {"coverage": share(value != 0 for value in said)}
    usual = [int(sum(positive) * 2 > len(positive))] * len(positive)
    whole = {**binary(positive, said), "auc": auc(labels, said), **spoken}
    warned = {**_directed(labels, said), **spoken}
    return [
        table.row("recommended", "ours", len(ids), whole, measure=would_recommend.name),
        table.row("warned", "ours", len(ids), warned, measure=would_recommend.name),
        table.row(
            "recommended", "trivial", len(ids), {**binary(positive, usual), "auc": 0.5, "coverage": 1.0}
        ),
        table.row("warned", "trivial", len(ids), {**_directed(labels, [-1] * len(ids)), "coverage": 1.0}),
    ]


def _always(table: Table, label: str, labels: Sequence[int]) -> Row:
    """The trivial answer: every row is positive."""
    figures = {**binary(labels, [1] * len(labels)), "auc": 0.5, "coverage": 1.0}
    return table.row(label, "trivial", len(labels), figures)


def _directed(labels: Sequence[int], said: Sequence[int]) -> dict[str, float]:
    """The figures of warning, -1, against everything else."""
    return binary([int(label < 0) for label in labels], [int(value < 0) for value in said])


def _found(evidence: pl.DataFrame) -> set[Key]:
    return set(_by_key(evidence.filter(pl.col("kind") == "found"), "value"))


def _plain_vader(heard: Conversations) -> dict[str, float]:
    """Plain VADER's mean compound over the sentences of each row's customer."""
    sentences = heard.sentences.filter(pl.col("speaker") == "customer")
    values = pl.Series("compound", compounds(sentences["text"].to_list()), dtype=pl.Float64())
    means = sentences.with_columns(values).group_by("ticket_id").agg(pl.col("compound").mean())
    return dict(means.iter_rows())


def _by_key(frame: pl.DataFrame, column: str) -> dict[Key, Any]:
    return {
        (name, key(message)[1]): value
        for name, message, value in frame.select("ticket_id", "message_id", column).iter_rows()
    }


TASKS = {
    "suggestion": (suggestion_rows,),
    "recommend": (recommend_rows,),
    "support_threads": (thread_rows,),
    "support_tickets": (ticket_rows,),
}
