"""A table of accounts, from a CRM or from finance: what each is worth a year, its tier, its renewal, when it left.

Its rows stay beside the helpdesk's own accounts and are joined to tickets by `metrics.facts.accounts`: by account id,
else by name, else by the domain of the customer's address. Ids of several systems are told apart by a column `system`
or by --source; both make the id `zendesk:123`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from metrics.measure import Capability
from pipelines.sources import _columns, _tabular
from pipelines.sources._columns import Dates, cell, decimal
from pipelines.sources._export_rows import check_dates
from pipelines.sources._values import identifier, words
from pipelines.sources.source import Export, Guide, Item, Options, Row, Sample, Source
from warehouse.errors import BadInput

COLUMNS: dict[str, tuple[str, ...]] = {
    "account_id": ("account_id", "organization_id", "organisation_id", "company_id", "id"),
    "account_name": (
        "account_name",
        "company_name",
        "organization_name",
        "organisation_name",
        "account",
        "company",
        "organization",
        "organisation",
        "name",
    ),
    "domains": ("domains", "domain", "email_domain", "email_domains", "company_domain", "website"),
    "system": ("system", "helpdesk"),
    "value": (
        "value",
        "account_value",
        "annual_value",
        "arr",
        "acv",
        "annual_recurring_revenue",
        "annual_contract_value",
    ),
    "value_month": ("value_month", "mrr", "monthly_recurring_revenue", "monthly_value"),
    "currency": ("currency", "currency_code"),
    "tier": ("tier", "account_tier", "customer_tier", "plan", "segment"),
    "renewal_at": ("renewal_at", "renewal_date", "renewal", "renews_on", "contract_end", "contract_end_date"),
    "churned_at": ("churned_at", "churn_date", "churned_on", "cancelled_at", "canceled_at", "left_on"),
    "updated_at": ("updated_at", "last_updated", "last_modified", "modified_at"),
}
_WORTH = frozenset({"value", "value_month", "tier", "renewal_at", "churned_at"})
_NAMES = ("account_id", "account_name", "domains")
_BARE = frozenset({"id", "name", "value", "website"})  # names that any table may have
_OTHERS = frozenset(
    "ticket_id ticket case_id conversation_id subject status body message score rating nps csat comment role".split()
)
_DATED = ("renewal_at", "churned_at", "updated_at")
_SIGNS = {"€": "EUR", "£": "GBP"}  # of the dollars and the yen there are several
_AMOUNT = re.compile(r"^(\D{0,4}?)\s*([-+]?\d[\d.,'\s\u00a0\u202f]*)\s*(\D{0,4})$")


def columns(sample: Sample, options: Options) -> dict[str, str]:
    """Our column to the file's column. Raises BadInput where a mapping names what is not there."""
    mapping = _columns.mapping_of(sample, options)
    return _columns.found(sample.header, COLUMNS, mapping, sample.member.name)


def recognise(sample: Sample, options: Options) -> int | None:
    """A table with a name, id or domain of accounts and what they are worth, and with nothing of tickets or surveys."""
    if not sample.header:
        return None
    mapping = _columns.mapping_of(sample, options)
    plain = {_columns.plain(name) for name in sample.header}
    if "ticket_id" in mapping or (not mapping.keys() & _WORTH and plain & _OTHERS):
        return None
    said = {
        ours: names
        for ours, known in COLUMNS.items()
        if (names := {mapping[ours]} if ours in mapping else plain & set(known))
    }
    worth = said.keys() & _WORTH
    if not worth or not said.keys() & set(_NAMES):
        return None
    is_plain = any(said.get(ours, set()) - _BARE for ours in _NAMES)
    return 4 if is_plain or len(worth) > 1 else None


def read(sample: Sample, options: Options) -> Iterator[Item]:
    """An account for each row."""
    found = columns(sample, options)
    delimiter = sample.dialect.delimiter if sample.dialect else None
    dates = Dates(options)
    check_dates(sample, {ours: found[ours] for ours in _DATED if ours in found}, dates)
    if sample.dialect and sample.dialect.note:
        yield Item(None, note=sample.dialect.note)
    for row in _tabular.rows(sample):
        if row.values is None:
            yield Item(row.line, reason=row.reason, raw=row.raw)
            continue
        values = {ours: cell(row.values.get(name)) for ours, name in found.items()}
        try:
            yield Item(row.line, rows=[_account(values, dates, delimiter, options)], size=row.size)
        except BadInput as error:
            yield Item(row.line, reason=error.what, raw=row.raw or repr(row.values)[:500])
    if "updated_at" not in found:
        yield Item(None, note="no column updated_at: of two tables that differ the greater value counts")
    if dates.has_zoneless:
        yield Item(None, note=f"{_columns.ZONELESS} {options.zone}")


def _account(values: Row, dates: Dates, delimiter: str | None, options: Options) -> tuple[str, Row]:
    own_id = identifier(values.get("account_id"), "account id")
    name = words(values.get("account_name"))
    domains = _domains(values.get("domains"))
    key = own_id or name or (domains[0] if domains else None)
    if key is None:
        raise BadInput("a row without an account id, a name or a domain")
    system = words(values.get("system")) or options.source_name
    value, currency = _amount(values.get("value"), delimiter)
    if value is None:
        monthly, currency = _amount(values.get("value_month"), delimiter)
        value = None if monthly is None else monthly * 12
    stated = words(values.get("currency"))
    return "accounts", {
        "account_id": f"{system.strip().casefold()}:{own_id}" if system and own_id else key,
        "name": name,
        "domains": domains or None,
        "value": value,
        "currency": stated.strip().upper() if stated else currency,
        "tier": words(values.get("tier")),
        **{ours: dates.read(values.get(ours)) for ours in _DATED},
    }


def _domains(value: Any) -> list[str]:
    """The domains of one cell: example.com, www.example.com, https://example.com/en."""
    parts: Sequence[Any] = value if isinstance(value, list) else re.split(r"[;,\s]+", str(value or ""))
    found = {re.sub(r"^(?:https?://)?(?:www\.)?|[/?#].*$|^.*@", "", str(one).casefold()) for one in parts}
    return sorted(one for one in found if "." in one)


def _amount(value: Any, delimiter: str | None) -> tuple[float | None, str | None]:
    """A sum of money, with its currency where a sign or a code beside it says so. Raises BadInput on words."""
    if not isinstance(value, str):
        return decimal(value, delimiter), None
    match = _AMOUNT.match(value.strip())
    if not match:
        raise BadInput(f"{value.strip()[:40]!r} is no sum of money")
    beside = (match[1] or match[3]).strip()
    if beside and not (beside in _SIGNS or beside == "$" or re.fullmatch(r"[A-Za-z]{3}", beside)):
        raise BadInput(f"{value.strip()[:40]!r} is no sum of money")
    currency = _SIGNS.get(beside) or (beside.upper() if beside.isalpha() else None)
    return decimal(match[2], delimiter), currency


SOURCE = Source(
    name="accounts",
    title="Table of accounts",
    about="value, currency, tier, renewal and churn of accounts as CSV, TSV, NDJSON, XLSX or Parquet",
    recognise=recognise,
    read=read,
    is_declared=True,
    keeps_name=True,
    claims=35,
    columns=columns,
    canonical=tuple(COLUMNS),
    guide=Guide(
        plan="Any system that knows your customers: a CRM, billing, a spreadsheet.",
        exports=(
            Export(
                name="Accounts, CSV or XLSX",
                how="A row an account: account_id or account_name or domains, and of value, currency, tier, renewal_at,"
                " churned_at what there is. --map value=COLUMN names a column that is called otherwise.",
                enables=(Capability.ACCOUNT_VALUE,),
                lacks="Tickets: load the helpdesk's export too.",
            ),
        ),
        notes=(
            "A row belongs to a ticket's account by its id, else by its name, else by the domain of the customer's"
            " address; a name or a domain that two rows have belongs to neither.",
            "Where the tickets come from several systems, say whose ids these are: --source zendesk, or a column system.",
            "The value is a year's: a column mrr is taken times twelve. With a column updated_at a later table replaces"
            " an earlier one.",
        ),
    ),
)
