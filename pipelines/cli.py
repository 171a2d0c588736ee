"""The command `heard`: its verbs, their options and their printing; nothing else."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from types import ModuleType

from pipelines import (
    verbs,
    verbs_digest,
    verbs_lexicon,
    verbs_loading,
    verbs_review,
    verbs_schedule,
    verbs_try,
)
from warehouse.errors import HeardError
from warehouse.rights import Role

_ABOUT = "Support scores beside what the conversations show, each number one click from its sentence."
_MAPPING = "canonical=column, as in ticket_id=Ticket; may be given more than once and is kept for files with this header"


def parser() -> argparse.ArgumentParser:
    """Every verb with its options and help."""
    top = argparse.ArgumentParser(
        prog="heard", description=_ABOUT, epilog="heard VERB --help tells more of a verb."
    )
    top.add_argument("--settings", type=Path, metavar="FILE", help="settings file (default: heard.toml here)")
    verbs_of = top.add_subparsers(dest="verb", required=True, metavar="VERB")

    def verb(
        name: str, about: str, *, store: bool = True, module: ModuleType = verbs, function: str = ""
    ) -> argparse.ArgumentParser:
        # argparse takes a lone % in help, but not in a description, for a place to fill in
        one = verbs_of.add_parser(name, help=about.replace("%", "%%"), description=about)
        if store:
            default = os.environ.get("HEARD_STORE_NAME", "main")
            one.add_argument("--store", default=default, help="which store: main (default) or demo")
        one.set_defaults(run=getattr(module, function or name))
        return one

    ingest = verb(
        "ingest", "Load helpdesk and survey exports, hear the conversations, publish.", module=verbs_loading
    )
    look = verb(
        "look", "Say what files are and how they are understood, without loading.", module=verbs_loading
    )
    attempt = verb("try", "Tell what an export says in one HTML page to read and forward; nothing is kept.", store=False,
                   module=verbs_try, function="try_files")  # fmt: skip
    attempt.add_argument("--out", type=Path, default=Path("heard-report.html"), metavar="FILE",
                         help="where to write the report (default: heard-report.html)")  # fmt: skip
    for one in (ingest, look, attempt):
        how_many = "+" if one is attempt else "*"
        one.add_argument("paths", nargs=how_many, type=Path, metavar="PATH", help="files or folders")
        one.add_argument("--map", action="append", default=[], metavar="COLUMN=NAME", help=_MAPPING)
        one.add_argument("--dates", metavar="FORMAT", help="how dates are written, as in %%d/%%m/%%Y %%H:%%M")
        one.add_argument(
            "--source", metavar="NAME", help="a name for tables whose system the file does not tell"
        )
        if one is not attempt:
            one.add_argument(
                "--json", action="store_true", help="print progress and result as JSON, a line each"
            )
    ingest.add_argument(
        "--mapping", metavar="NAME", help="keep the --map pairs under this name, or use those kept"
    )
    for one in (ingest, attempt):
        one.add_argument(
            "--as-of", metavar="INSTANT", help="the instant the data stand for (default: the newest in them)"
        )
    ingest.add_argument("--rescore", action="store_true", help="hear everything again with today's signals")

    guide = verb("guide", "Say how to get a system's data out, and what each export can tell.", store=False,
                 module=verbs_loading)  # fmt: skip
    guide.add_argument("system", metavar="SYSTEM", help="as in zendesk; heard sources lists them")
    sources = verb("sources", "List what can be loaded and what can be measured from it.", store=False,
                   module=verbs_loading)  # fmt: skip
    sources.add_argument("--json", action="store_true", help="print them as JSON")

    serve = verb("serve", "Open the dashboard.")
    serve.add_argument("--port", type=int, default=8501, help="port on this machine (default: 8501)")
    serve.add_argument("--role", choices=list(Role), help="show what this role may see (default: everything)")
    serve.add_argument(
        "--team", action="append", default=[], metavar="NAME", help="the team of a lead; may be repeated"
    )

    demo = verb("demo", "Load the shipped sample into the demo store and open the dashboard.", store=False)
    demo.add_argument("--port", type=int, default=8501, help="port on this machine (default: 8501)")
    demo.add_argument("--no-serve", action="store_true", help="load only")

    digest = verb("digest", "Write the weekly digest, as HTML and Markdown or in other forms.")
    digest.add_argument(
        "--week", metavar="YYYY-Www", help="ISO week, as in 2026-W46 (default: the last whole week)"
    )
    digest.add_argument("--out", type=Path, default=Path("data/digests"), metavar="DIR",
                        help="where to write it (default: data/digests)")  # fmt: skip
    digest.add_argument(
        "--form", action="append", choices=("html", "page", "md", "text", "json", "pdf", "xlsx", "png"),
        help="html is the mail, page a web page; may be repeated (default: html and md)",
    )  # fmt: skip
    digest.add_argument(
        "--role", choices=list(Role), help="build it for what this role may see (default: everything)"
    )
    digest.add_argument(
        "--team", action="append", default=[], metavar="NAME", help="the team of a lead; may be repeated"
    )
    verbs_digest.parsers(digest)

    run = verb("run", "Load what is new in the inbox, then send the digests that are due; safe every hour.",
               module=verbs_schedule)  # fmt: skip
    run.add_argument("--quiet", action="store_true", help="print only where a person must act")
    run.add_argument("--catch-up", action="store_true",
                     help="also send the weeks that were missed while nothing ran")  # fmt: skip

    schedule = verb("schedule", "Print or install what starts heard run every hour.", module=verbs_schedule)
    schedule.add_argument("kind", choices=("systemd", "cron", "github", "run"),
                          help="whose files to print; run: keep running and start it, for containers")  # fmt: skip
    schedule.add_argument("--install", action="store_true", help="set up the user timer or crontab entry")
    schedule.add_argument("--remove", action="store_true", help="take it away again")

    measure = verb("measure", "Print measures with n, coverage and 95 % interval.")
    measure.add_argument("names", nargs="*", metavar="NAME", help="measures or single columns")
    measure.add_argument("--list", action="store_true", help="list every measure and its columns")
    measure.add_argument(
        "--by", action="append", default=[], metavar="DIM", help="team, channel, week, month, ..."
    )
    measure.add_argument(
        "--from", dest="date_from", type=_day, metavar="DAY", help="first day, as in 2026-08-17"
    )
    measure.add_argument("--to", dest="date_to", type=_day, metavar="DAY", help="last day")
    measure.add_argument(
        "--where", action="append", default=[], metavar="DIM=VALUE", help="as in team=Billing"
    )
    measure.add_argument("--since-printed", action="store_true",
                         help="say what became of the figures that digests printed, and why")  # fmt: skip
    measure.add_argument("--format", choices=("table", "csv", "json"), default="table", help="how to print")

    reconcile = verb(
        "reconcile", "Hold our figures against the helpdesk's own, ticket by ticket, and say why they differ."
    )
    reconcile.add_argument("file", nargs="?", type=Path, metavar="FILE",
                           help="an export that states them (default: what is loaded)")  # fmt: skip
    reconcile.add_argument(
        "--out", type=Path, metavar="FILE", help="write every ticket, as .csv, .xlsx or .parquet"
    )
    reconcile.add_argument("--format", choices=("table", "json"), default="table", help="how to print")

    read = verb("read", "Print a conversation with its evidence marked.")
    read.add_argument("ticket", metavar="TICKET", help="its id in the helpdesk")
    read.add_argument("--source", metavar="NAME", help="where two systems have a ticket of this id")

    review = verb(
        "review", "Say how far the readings were checked on your data, and check them.", module=verbs_review
    )
    review.add_argument("action", nargs="?", choices=("mark", "undo"),
                        help="mark a sentence, or take an act back (default: print every figure)")  # fmt: skip
    review.add_argument("--ticket", metavar="ID", help="mark: the conversation, by its id in the helpdesk")
    review.add_argument("--source", metavar="NAME", help="mark: where two systems have a ticket of this id")
    review.add_argument("--measure", metavar="NAME", help="mark: what was read, as in would_recommend")
    review.add_argument("--verdict", choices=("right", "wrong", "missed"),
                        help="mark: wrong takes the sentences out of every list at once")  # fmt: skip
    review.add_argument(
        "--words", metavar="TEXT", help="mark: a part of the sentence (default: all evidence of it)"
    )
    review.add_argument("--note", metavar="TEXT", help="mark: why")
    review.add_argument("--act", metavar="ID", help="undo: the act to take back")
    review.add_argument("--export", type=Path, metavar="FILE",
                        help="write every review to a file, ending in .parquet, .csv or .xlsx")  # fmt: skip
    review.add_argument("--json", action="store_true", help="print as JSON")

    export = verb("export", "Write facts, evidence, messages or refused rows to a file.")
    export.add_argument("what", choices=("facts", "evidence", "messages", "rejects"))
    export.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="ending in .parquet, .csv or .xlsx"
    )
    export.add_argument("--grain", choices=("ticket", "wait", "survey", "suggestion", "sla", "day"), default="ticket",
                        help="which facts (default: one row per ticket)")  # fmt: skip

    lexicon = verb(
        "lexicon",
        "List the cues that signals listen for, and try what a new one would hit.",
        module=verbs_lexicon,
    )
    lexicon.add_argument("what", choices=("list", "show", "try"))
    lexicon.add_argument(
        "text", nargs="?", metavar="NAME|PHRASE", help="a lexicon to show, or a phrase to try"
    )
    lexicon.add_argument("--pattern", action="store_true", help="what is tried is a pattern in RE2 syntax")
    lexicon.add_argument("--lexicon", metavar="NAME", help="the lexicon that it would be added to")
    lexicon.add_argument("--kind", metavar="KIND", help="the kind of cue that it would be")
    lexicon.add_argument("--speaker", choices=("customer", "agent", "both"), default="both",
                         help="whose words (default: both)")  # fmt: skip
    lexicon.add_argument(
        "--sample", type=int, default=10, metavar="N", help="how many sentences to show (default: 10)"
    )
    lexicon.add_argument("--json", action="store_true", help="print the result as JSON")

    status = verb("status", "Say what is loaded, as of when, and what is not available.")
    status.add_argument("--rejects", action="store_true", help="list the refused rows with their reasons")
    status.add_argument(
        "--left-out", action="store_true", help="list the tickets that are in no figure, by reason"
    )
    verb("doctor", "Look for what is wrong and say what to type.")
    rollback = verb("rollback", "Go back to the version before the live one.", module=verbs_loading)
    rollback.add_argument("--json", action="store_true", help="print the result as JSON")

    sample = verb("sample", "Write the fictional sample export, of any size.", store=False)
    sample.add_argument("--tickets", type=int, default=2800, metavar="N", help="how many (default: 2800)")
    sample.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write to")
    sample.add_argument(
        "--seed", type=int, default=2026, help="the same seed writes the same content (default: 2026)"
    )
    sample.add_argument(
        "--without", action="append", default=[], metavar="STORY", help="leave a planted story out"
    )
    sample.add_argument(
        "--queues",
        default="",
        metavar="KIND",
        help="hard-and-easy: a hard queue with good agents, an easy one with poor ones",
    )
    return top


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day; write it as 2026-08-17") from None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a verb. Exit code 0 when well, 1 for an error that a person can mend, 2 for a wrong command line."""
    options = parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except HeardError as error:
        print(f"heard: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("heard: stopped; the live data are as they were.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
