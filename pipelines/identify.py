"""What the files are: their members, the sources that read them, and what the user said about them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipelines.sources import _files, _sniff, accounts, surveys, tables
from pipelines.sources._columns import check_names
from pipelines.sources.source import Options, Sample, Source
from warehouse.errors import BadInput
from warehouse.ledger import Ledger
from warehouse.settings import Settings
from warehouse.store import Store


@dataclass(frozen=True)
class Job:
    """One member with the source that reads it."""

    sample: Sample
    source: Source
    order: int


@dataclass(frozen=True)
class File:
    """One file on disk with its jobs and what of it is passed over."""

    path: Path
    sha256: str
    jobs: tuple[Job, ...]
    passed: tuple[tuple[str, str], ...]


def options_of(
    store: Store,
    settings: Settings,
    mapping: Mapping[str, str] | None,
    mapping_name: str | None,
    date_format: str | None,
    source_name: str | None,
) -> Options:
    ledger = Ledger(store.folder)
    if mapping_name and not mapping:
        mapping = ledger.mapping(mapping_name)
        if mapping is None:
            raise BadInput(
                f"No mapping is kept under the name {mapping_name!r}.",
                fix=f"give it once: --mapping {mapping_name} --map ticket_id=COLUMN ...",
            )
    check_names(mapping or {}, (*tables.ALIASES, *surveys.ALIASES, *accounts.COLUMNS))
    return Options(
        mapping=dict(mapping or {}),
        date_format=date_format,
        source_name=source_name,
        zone=settings.organisation.zone or "UTC",
        domains=settings.organisation.domains,
        kept=ledger.mapping_for,
    )


def keep_mapping(store: Store, mapping: Mapping[str, str], name: str, files: Sequence[File]) -> None:
    headers = [job.sample.header for file in files for job in file.jobs if job.sample.kind != "json"]
    Ledger(store.folder).save_mapping(name, mapping, list(headers[0]) if headers else [])


def identify(path: Path, options: Options, *, is_named: bool) -> File:
    """The members of a file with their sources. Raises BadInput where a file that was named is of no known kind."""
    jobs: list[Job] = []
    passed: list[tuple[str, str]] = []
    errors: list[BadInput] = []
    for member in _files.members(path):
        samples: list[Sample | None] = [*_sniff.samples(member)]
        for found in samples or [None]:
            match = _sniff.recognised(found, options) if found else None
            if found is None or match is None:
                error = _sniff.unknown(found, found.member if found else member)
                errors.append(error)
                passed.append((found.member.name if found else member.name, error.what.split("\n")[0]))
            else:
                jobs.append(Job(replace(found, record=None), *match))
    if is_named and not jobs:
        raise errors[0] if errors else BadInput(f"{path.name} holds nothing.", fix="export it again")
    jobs.sort(key=lambda job: (job.order, job.sample.member.name))
    return File(path, _files.fingerprint(path), tuple(jobs), tuple(passed))


def reader_of(file: File, options: Options) -> str:
    """What a load is remembered by beside the file: who read it and with which options."""
    readers = sorted({f"{job.source.name}/{job.source.version}{_domains(job, options)}" for job in file.jobs})
    said = repr((sorted(options.mapping.items()), options.date_format, options.source_name, options.zone))
    plain = said == repr(([], None, None, "UTC")) or not any(job.source.is_declared for job in file.jobs)
    if plain:
        return " ".join(readers)
    clock = f" zone={options.zone}" + (f" dates={options.date_format}" if options.date_format else "")
    return " ".join(readers) + " " + hashlib.sha256(said.encode()).hexdigest()[:12] + clock


def _domains(job: Job, options: Options) -> str:
    return f"/{','.join(sorted(options.domains))}" if job.source.needs_domains else ""


def domains_of(reader: str) -> dict[str, str]:
    """By source, the domains that a load told roles by, from what it is remembered by."""
    return dict(re.findall(r"(?:^| )(\w+)/\d+/(\S+)", reader.partition(" zone=")[0]))


def clock_of(reader: str) -> tuple[str, str | None]:
    """The zone and the date form that a load was read with, from what it is remembered by."""
    rest, _, form = reader.partition(" dates=")
    return rest.partition(" zone=")[2] or "UTC", form or None
