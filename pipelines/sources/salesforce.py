"""Salesforce's data export: a zip, or a folder, of one CSV for each object. Built from the documentation alone.

Columns have the names of the API. Objects that are not used are passed over by name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

from metrics.measure import Capability
from pipelines.sources import _salesforce_objects as objects
from pipelines.sources import _tabular
from pipelines.sources._columns import cell
from pipelines.sources.source import Export, Guide, Item, Options, Row, Sample, Source
from warehouse.errors import BadInput

Reader = Callable[[Row, Options], Iterator[tuple[str, Row]]]

# An object's columns that no other has, in the order in which they are looked for, and its reader.
OBJECTS: tuple[tuple[frozenset[str], Reader], ...] = (
    (frozenset({"Id", "CaseNumber", "Status"}), objects.case),
    (frozenset({"Id", "CaseNumber", "IsClosed"}), objects.case),
    (frozenset({"Id", "Incoming", "TextBody"}), objects.email_message),
    (frozenset({"Id", "Incoming", "HtmlBody"}), objects.email_message),
    (frozenset({"Id", "ParentId", "CommentBody"}), objects.case_comment),
    (frozenset({"Id", "CaseId", "Field", "NewValue"}), objects.case_history),
    (frozenset({"Id", "Username", "ProfileId"}), objects.user),
    (frozenset({"Id", "Username", "UserType"}), objects.user),
    (frozenset({"Id", "Name", "DeveloperName", "Type", "DoesSendEmailToMembers"}), objects.group),
    (frozenset({"Id", "Name", "DeveloperName", "Type", "RelatedId"}), objects.group),
    (frozenset({"Id", "AccountId", "LastName", "Email"}), objects.contact),
    (frozenset({"Id", "Name", "OwnerId", "BillingCountry"}), objects.account),
    (frozenset({"Id", "Name", "OwnerId", "Industry", "AnnualRevenue", "ParentId"}), objects.account),
)
_ANY_OBJECT = frozenset({"Id", "SystemModstamp"})  # every object has these, under these very names


def _reader(sample: Sample) -> Reader | None:
    columns = set(sample.header)
    return next((reader for signs, reader in OBJECTS if signs <= columns), None)


def recognise(sample: Sample, _: Options) -> int | None:
    """Cases first, since they say which statuses are closed; any other object afterwards."""
    if sample.kind == "json" or not sample.header:
        return None
    reader = _reader(sample)
    if reader is None and not set(sample.header) >= _ANY_OBJECT:
        return None
    return 0 if reader is objects.case else 1


def read(sample: Sample, options: Options) -> Iterator[Item]:
    """The rows of one object; times without a zone are UTC, as the export writes them."""
    reader = _reader(sample)
    if reader is None:
        stem = sample.member.base.removesuffix(".csv")
        yield Item(None, note=f"{stem}: an object that is not used")
        return
    if sample.dialect and sample.dialect.note:
        yield Item(None, note=sample.dialect.note)
    remarks: dict[str, int] = defaultdict(int)
    for row in _tabular.rows(sample):
        if row.values is None:
            yield Item(row.line, reason=row.reason, raw=row.raw)
            continue
        values = {name: cell(value) for name, value in row.values.items()}
        rows: list[tuple[str, Row]] = []
        try:
            for table, one in reader(values, options):
                if table:
                    rows.append((table, one))
                else:
                    remarks[one["what"]] += 1
            yield Item(row.line, rows=rows, size=row.size)
        except BadInput as error:
            yield Item(row.line, reason=error.what, raw=row.raw)
    for what, count in remarks.items():
        yield Item(None, note=f"{what}: {count}")


GUIDE = Guide(
    plan="Enterprise and higher: Data Export in Setup. Elsewhere Data Loader, object by object.",
    exports=(
        Export(
            name="Data export, a zip of one CSV for each object",
            how="Setup > Data Export > Export Now, with Case, EmailMessage, CaseComment, CaseHistory, User, Group,"
            " Account and Contact; choose UTF-8. Load the zip as it is.",
            enables=(
                Capability.TICKETS,
                Capability.MESSAGES,
                Capability.STATUS_EVENTS,
                Capability.AGENT_EVENTS,
                Capability.SOLVED_TIMES,
            ),
            lacks="Satisfaction: surveys are objects of your own; load their answers as a table. CaseHistory only holds"
            " the fields that Setup tracks.",
        ),
        Export(
            name="Case report, CSV",
            how="A report of cases > Export > Details Only, CSV; load it as a table with --map.",
            enables=(Capability.TICKETS,),
            lacks="Every message and the history.",
        ),
    ),
    notes=(
        "The description of a case that came by e-mail is its first e-mail, and is heard once.",
        "A closed case counts as closed when IsClosed says so, whatever its status is called.",
        "Chats (LiveChatTranscript) and feed posts are not read.",
    ),
    is_from_documentation=True,
)

SOURCE = Source(
    name="salesforce",
    title="Salesforce data export",
    about="a zip or a folder of CSVs: Case, EmailMessage, CaseComment, CaseHistory, User, Group, Account, Contact",
    recognise=recognise,
    read=read,
    claims=20,
    guide=GUIDE,
)
