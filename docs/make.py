"""Writes the pages that say what the code says: commands, measures, settings. `--check` only compares.

python -m docs.make            write them
python -m docs.make --check    exit code 1, with the names of the stale ones
"""

from __future__ import annotations

import argparse
import dataclasses
import inspect
import sys
import typing
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from metrics import registry, validity, verdicts
from metrics.measure import Across, Measure, Signal
from pipelines import guides
from pipelines.cli import parser
from pipelines.sources import accounts, surveys, tables
from pipelines.sources.source import Source, discover
from warehouse.settings import PROJECT, Settings

NOTE = "<!-- Made by `make docs` from the code; change it there. -->\n\n"
START, END = "<!-- commands -->", "<!-- end of commands -->"
TRUST_START, TRUST_END = "<!-- validity -->", "<!-- end of validity -->"


def commands() -> str:
    """docs/commands.md: every verb with its options."""
    return NOTE + "# Commands\n\n" + "\n".join(_verb(name, one) for name, one in _verbs())


def _verbs() -> Iterator[tuple[str, argparse.ArgumentParser]]:
    yield from _below(parser())


def _below(one: argparse.ArgumentParser, before: str = "") -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """The verbs of a parser, each followed by those below it."""
    for action in one._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, verb in action.choices.items():
                yield f"{before}{name}", verb
                yield from _below(verb, f"{before}{name} ")


def _verb(name: str, one: argparse.ArgumentParser) -> str:
    positional = [
        a for a in one._actions if not a.option_strings and not isinstance(a, argparse._SubParsersAction)
    ]
    shown = " ".join(
        f"{a.metavar or '|'.join(a.choices or [a.dest])}{'...' if a.nargs == '*' else ''}" for a in positional
    )
    lines = [f"## heard {name} {shown}".rstrip(), "", one.description or "", ""]
    options = [a for a in one._actions if a.option_strings and a.dest != "help"]
    for option in options:
        value = (
            ""
            if option.nargs == 0
            else f" {option.metavar or ('|'.join(option.choices) if option.choices else option.dest.upper())}"
        )
        lines.append(
            f"- `{option.option_strings[0]}{value}` {(option.help or '').replace('%%', '%')}".rstrip()
        )
    return "\n".join([*lines, ""])


def readme_commands() -> str:
    """The table of verbs in the README."""
    rows = [f"| `heard {name}` | {one.description} |" for name, one in _verbs()]
    return "\n".join([START, "| command | what it does |", "|---|---|", *rows, END])


def readme_validity() -> str:
    """The README's table of how far each signal can be trusted on the data nearest to what users load."""
    rows = []
    for measure in (*registry.signals(), *registry.across()):
        standing = "experimental" if validity.is_experimental(measure) else ""
        found = validity.nearest(measure)
        rows += [
            f"| {measure.title} | {verdicts.data(row)} | {verdicts.figures(row)} | {verdicts.beside(row)} |"
            f" {verdicts.verdict(row)} | {standing} |"
            for row in found
        ] or [f"| {measure.title} | not measured on labelled data | | | | {standing} |"]
    head = "| signal | nearest labelled data | figures, 95 % interval | beside it | in words | |\n|---|---|---|---|---|---|"
    return "\n".join([TRUST_START, head, *rows, TRUST_END])


def glossary() -> str:
    """docs/glossary.md: every measure with its rule, what it leaves out and how far it can be trusted."""
    parts = [NOTE + "# Glossary\n"]
    for wing, title in (
        ("form", "Scores say (form)"),
        ("function", "Conversations show (function)"),
        ("contrast", "Contrast"),
    ):
        parts.append(f"## {title}\n")
        parts.extend(_entry(measure) for measure in registry.discover() if measure.wing == wing)
    return "\n".join(parts)


def _entry(measure: Measure) -> str:
    lines = [
        f"### {measure.title} (`{measure.name}`)",
        "",
        f"*{measure.question}*",
        "",
        f"- Rule: {measure.rule_with(Settings())}",
        f"- Leaves out: {measure.leaves_out}",
        f"- One row per {measure.grain}, dated by `{measure.dated_by}`; needs {', '.join(sorted(measure.needs))}."
        + (f" {measure.unlock}" if measure.unlock else ""),
    ]
    lines += [f"- `{column.name}`: {column.title}. {column.about}" for column in measure.columns]
    stands = validity.standing(measure)
    if stands.is_experimental:
        lines.append(f"- Experimental: {stands.why}.")
    if isinstance(measure, Signal | Across):
        lines.append(f"- Could be heard: {measure.opportunity}")
        if isinstance(measure, Signal) and measure.lexicons:
            lines.append("- Cues: " + ", ".join(f"`data/lexicons/{name}.toml`" for name in measure.lexicons))
        lines += [
            f"- Measured {row.measured_on} on {verdicts.data(row)}: {verdicts.verdict(row)}. {verdicts.figures(row)}"
            f" ({verdicts.beside(row)}).{f' {row.note}.' if row.note else ''}"
            for row in validity.rows(measure)
        ]
        if measure.validity_note:
            lines.append(f"- {measure.validity_note}")
    return "\n".join([*lines, ""])


def settings() -> str:
    """docs/settings.md: every key of heard.toml with its default."""
    parts = [
        NOTE + "# Settings\n",
        "`heard.toml` lies where you run `heard`, or is named by `--settings`. Every key is optional.\n",
    ]
    hints = typing.get_type_hints(Settings)
    for section in dataclasses.fields(Settings):
        kind = hints[section.name]
        listed = [one for one in typing.get_args(kind) if dataclasses.is_dataclass(one)]
        title = f"[[{section.name}]]" if listed else f"[{section.name}]"
        kind = listed[0] if listed else kind
        if not dataclasses.is_dataclass(kind):
            continue
        said = inspect.cleandoc(kind.__doc__ or "")
        parts.append(f"## {title}\n\n{said}\n\n```toml")
        for key in dataclasses.fields(kind):
            default = list(key.default) if isinstance(key.default, tuple) else key.default
            shown = str(default).lower() if isinstance(default, bool) else repr(default).replace("'", '"')
            parts.append(f"{key.name} = {shown}")
        parts.append("```\n")
    return "\n".join(parts)


EXPORTS = """# Exports that Heard reads

`heard ingest PATH...` takes files and folders, plain, `.gz` or `.zip`, and recognises each file by its content. Several
files of one system belong together: load them in one run or one after the other, in any order. What can not be read is
kept with its reason (`heard status --rejects`); the live data change only when the whole run is well. `heard look PATH`
says how files are understood without loading them.

What each source makes measurable stands in [sources](sources.md).

Dates are read when they can be read one way only (ISO 8601, seconds since 1970). For others say how they are written:
`--dates %d/%m/%Y`. Times without a zone are taken to be in the organisation's zone. Ids that a spreadsheet has turned
into 1.03E+13 are refused: export again with the column as text.
"""


def exports() -> str:
    """docs/exports.md: how each system's data is got out, and the names by which the columns of tables are found."""
    parts = [NOTE + EXPORTS]
    parts += [_guide(source) for source in sorted(discover(), key=lambda source: source.title.casefold())]
    parts.append(
        "## Columns of tables\n\nIn any case and with any separator; name others with `--map canonical=Column`, once: the"
        " mapping is kept for files with the same columns.\n"
    )
    named = (
        ("Tickets", tables.TICKET_COLUMNS),
        ("Messages", tables.MESSAGE_COLUMNS),
        ("Surveys", surveys.ALIASES),
        ("Accounts", accounts.COLUMNS),
    )
    parts += [_columns(f"### {title}", aliases) for title, aliases in named]
    return "\n".join(parts)


def _guide(source: Source) -> str:
    """A system's part of the page: what is read, which plan it takes, and each export."""
    lines = [f"## {source.title}", "", f"{source.about[0].upper()}{source.about[1:]}.", ""]
    if source.guide is None:
        return "\n".join(lines)
    if source.guide.is_from_documentation:
        lines += ["Built from the vendor's documentation only; not tried on a real export yet.", ""]
    lines += [f"Plan and rights: {source.guide.plan}", ""]
    for export in source.guide.exports:
        lacks = f" Lacks: {export.lacks}" if export.lacks else ""
        lines.append(f"- **{export.name}**. {export.how} Brings: {guides.in_words(export)}.{lacks}")
    lines += [f"- {note}" for note in source.guide.notes]
    return "\n".join([*lines, ""])


def _columns(title: str, aliases: Mapping[str, Sequence[str]]) -> str:
    rows = [f"| `{name}` | {', '.join(known)} |" for name, known in aliases.items()]
    return "\n".join([title, "", "| canonical | found by the name |", "|---|---|", *rows, ""])


def pages() -> dict[Path, str]:
    """Every page that is made, by its path."""
    readme = PROJECT / "README.md"
    text = readme.read_text(encoding="utf-8")
    for start, end, made in ((START, END, readme_commands()), (TRUST_START, TRUST_END, readme_validity())):
        head, _, rest = text.partition(start)
        text = head + made + rest.partition(end)[2]
    return {
        readme: text,
        PROJECT / "docs/commands.md": commands(),
        PROJECT / "docs/glossary.md": glossary(),
        PROJECT / "docs/settings.md": settings(),
        PROJECT / "docs/exports.md": exports(),
    }


def main() -> int:
    """Write the pages, or with --check name the stale ones."""
    stale = [
        path
        for path, text in pages().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"{path.relative_to(PROJECT)} is stale. Fix: make docs")
        return 1 if stale else 0
    for path in stale:
        path.write_text(pages()[path], encoding="utf-8")
        print(f"{path.relative_to(PROJECT)} written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
