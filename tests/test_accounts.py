"""A table of accounts: read, and joined to tickets of other systems."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipelines.ingest import ingest
from pipelines.score import refresh
from tests.loading import golden, load, rows, tables
from warehouse.settings import Settings
from warehouse.store import Store

GOLDEN = Path(__file__).parent / "golden"
SAMPLE = GOLDEN / "accounts" / "accounts.csv"


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store(tmp_path_factory.mktemp("accounts"))
    load(store, SAMPLE)
    return store


def test_the_sample_gives_the_golden_tables(table: Store) -> None:
    golden(GOLDEN / "accounts.json", tables(table))


def test_sums_domains_and_what_is_refused(tmp_path: Path) -> None:
    store = Store(tmp_path)
    summary = load(store, SAMPLE)
    found = rows(store, "SELECT account_id, value, currency, domains FROM accounts ORDER BY 1")
    assert [tuple(row.values()) for row in found] == [
        ("77000000901", 12500.5, "EUR", ["customer.example"]),
        ("Fenn Coffee", 800.0, "GBP", ["fenn.example", "fenn2.example"]),
        ("No worth known", None, None, ["nowhere.example"]),
    ]
    refused = [reason for file in summary.files for _, _, reason, _ in file.refused]
    assert refused == ["'many' is no sum of money", "a row without an account id, a name or a domain"]


def test_monthly_value_is_taken_times_twelve_and_columns_can_be_mapped(tmp_path: Path) -> None:
    (tmp_path / "money.csv").write_text("Customer,Worth,Since\nQuarles,100,2026-01-01\n", encoding="utf-8")
    store = Store(tmp_path / "store")
    load(store, tmp_path / "money.csv", mapping={"account_name": "Customer", "value_month": "Worth"})
    assert rows(store, "SELECT source, account_id, value FROM accounts") == [
        {"source": "accounts", "account_id": "Quarles", "value": 1200.0}
    ]


def test_a_later_table_replaces_an_earlier_one_in_either_order(tmp_path: Path) -> None:
    for number, (value, day) in enumerate(((900, 1), (400, 2))):
        text = f"account_id,value,tier,updated_at\n7,{value},Gold,2026-03-0{day}\n"
        (tmp_path / f"table{number}.csv").write_text(text, encoding="utf-8")
    for order in ((0, 1), (1, 0)):
        store = Store(tmp_path / f"store{order[0]}")
        for number in order:
            load(store, tmp_path / f"table{number}.csv")
        assert rows(store, "SELECT value FROM accounts") == [{"value": 400.0}]


def _tickets(path: Path, *tickets: tuple[str, str, str]) -> Path:
    lines = ["ticket_id,subject,status,created_at,organization_id,requester_email"]
    lines += [f"{one},Hello,open,2026-03-02,{account},{email}" for one, account, email in tickets]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _known(store: Store, *order: tuple[Path, dict[str, str]]) -> dict[str, tuple[object, object]]:
    for path, options in order:
        ingest(
            [path],
            store=store,
            settings=Settings(),
            after_merge=lambda connection, settings, tell: refresh(
                connection, settings, lambda done, total: tell("hearing", done, total)
            ),
            **options,  # type: ignore[arg-type]
        )
    found = rows(store, "SELECT ticket_id, account_value, account_tier FROM ticket_accounts ORDER BY 1")
    return {row["ticket_id"]: (row["account_value"], row["account_tier"]) for row in found}


def test_tickets_find_their_account_by_id_else_by_domain(tmp_path: Path) -> None:
    tickets = _tickets(
        tmp_path / "tickets.csv",
        ("1", "77000000901", "someone@elsewhere.example"),
        ("2", "", "boss@Fenn2.example"),
        ("3", "", "x@nowhere.example"),
        ("4", "", "x@unknown.example"),
    )
    found = _known(Store(tmp_path / "store"), (tickets, {}), (SAMPLE, {}))
    assert found == {"1": (12500.5, "Gold"), "2": (800.0, "Silver")}


def test_ids_of_two_systems_count_only_where_the_table_says_whose_they_are(tmp_path: Path) -> None:
    first = _tickets(tmp_path / "first.csv", ("1", "7", "a@a.example"))
    second = _tickets(tmp_path / "second.csv", ("1", "7", "b@b.example"), ("2", "8", "c@c.example"))
    table = tmp_path / "worth.csv"
    table.write_text("account_id,value,tier\n7,500,Gold\n", encoding="utf-8")
    files = ((first, {"source_name": "desk"}), (second, {"source_name": "other"}))
    assert _known(Store(tmp_path / "bare"), *files, (table, {})) == {}
    store = Store(tmp_path / "told")
    _known(store, *files, (table, {"source_name": "desk"}))
    assert rows(store, "SELECT source, ticket_id, account_value FROM ticket_accounts") == [
        {"source": "desk", "ticket_id": "1", "account_value": 500.0}
    ]


def test_the_helpdesks_own_tier_stands_beside_the_tables_value(tmp_path: Path) -> None:
    table = tmp_path / "worth.csv"
    table.write_text("company_name,arr,currency\nquarles tea rooms ,900,EUR\n", encoding="utf-8")
    found = _known(Store(tmp_path / "store"), (GOLDEN / "freshdesk", {}), (table, {}))
    assert found["4101"] == (900.0, "Gold")


def test_tickets_surveys_and_people_are_no_accounts(tmp_path: Path) -> None:
    from pipelines.identify import identify
    from pipelines.sources.source import Options

    for header, expected in (
        ("ticket_id,subject,account_name,value,tier,status", "tables"),
        ("account_name,email,nps_score,tier,comment", "surveys"),
        ("account_name,arr,tier", "accounts"),
    ):
        path = tmp_path / "one.csv"
        path.write_text(f"{header}\n{','.join('1' for _ in header.split(','))}\n", encoding="utf-8")
        (job,) = identify(path, Options(), is_named=True).jobs
        assert job.source.name == expected, header


def test_json_lines_of_accounts_are_read_alike(tmp_path: Path) -> None:
    one = {
        "account_id": "7",
        "arr": 5000,
        "tier": "Gold",
        "renewal_date": "2026-12-31",
        "domains": ["a.example"],
    }
    (tmp_path / "accounts.ndjson").write_text(json.dumps(one) + "\n", encoding="utf-8")
    store = Store(tmp_path / "store")
    load(store, tmp_path / "accounts.ndjson")
    (account,) = rows(store, "SELECT value, tier, domains, renewal_at FROM accounts")
    assert (account["value"], account["tier"], account["domains"]) == (5000.0, "Gold", ["a.example"])
