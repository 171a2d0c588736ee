"""Writes the pages that say what the code says: commands, measures, settings. `--check` only compares.

python -m docs.make            write them
python -m docs.make --check    exit code 1, with the names of the stale ones
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import typing
from collections.abc import Iterator
from pathlib import Path

from metrics import registry
from metrics.measure import Measure, Signal
from pipelines.cli import parser
from warehouse.settings import PROJECT, Settings

NOTE = "<!-- Made by `make docs` from the code; change it there. -->\n\n"
START, END = "<!-- commands -->", "<!-- end of commands -->"


def commands() -> str:
    """docs/commands.md: every verb with its options."""
    return NOTE + "# Commands\n\n" + "\n".join(_verb(name, one) for name, one in _verbs())


def _verbs() -> Iterator[tuple[str, argparse.ArgumentParser]]:
    for action in parser()._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from action.choices.items()


def _verb(name: str, one: argparse.ArgumentParser) -> str:
    positional = [a for a in one._actions if not a.option_strings]
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
    if isinstance(measure, Signal):
        lines.append(f"- Could be heard: {measure.opportunity}")
        if measure.lexicons:
            lines.append("- Cues: " + ", ".join(f"`data/lexicons/{name}.toml`" for name in measure.lexicons))
        lines += [
            f"- Measured on {v.dataset} (n {v.n:,}): {v.figures}. {v.note}".rstrip() for v in measure.validity
        ]
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
        if not dataclasses.is_dataclass(kind):
            continue
        parts.append(f"## [{section.name}]\n\n{(kind.__doc__ or '').strip()}\n\n```toml")
        for key in dataclasses.fields(kind):
            default = key.default
            shown = str(default).lower() if isinstance(default, bool) else repr(default).replace("'", '"')
            parts.append(f"{key.name} = {shown}")
        parts.append("```\n")
    return "\n".join(parts)


def pages() -> dict[Path, str]:
    """Every page that is made, by its path."""
    readme = PROJECT / "README.md"
    text = readme.read_text(encoding="utf-8")
    head, _, rest = text.partition(START)
    _, _, tail = rest.partition(END)
    return {
        readme: head + readme_commands() + tail,
        PROJECT / "docs/commands.md": commands(),
        PROJECT / "docs/glossary.md": glossary(),
        PROJECT / "docs/settings.md": settings(),
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
