"""Every form of a digest: the same words, the same bytes twice, links that lead to the right page, and no text that acts."""

from __future__ import annotations

import json
import re
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from markdown_it import MarkdownIt
from openpyxl import load_workbook
from pypdf import PdfReader
from selectolax.lexbor import LexborHTMLParser

from dashboard import filters
from dashboard.places import PLACES
from metrics import conversations, registry
from metrics.conversations import Sought
from metrics.totals import Scope
from pipelines.cli import main
from pipelines.digest.addresses import PAGES
from pipelines.digest.build import build
from pipelines.digest.content import Digest
from pipelines.digest.forms import ENDINGS, Kind, form
from tests.stores import fill
from warehouse.rights import Rights, Role
from warehouse.settings import Organisation, Settings
from warehouse.store import Store

BASE = "https://heard.example"
WEEK = "2026-W46"
# What pages read of an address beside the shared filters.
OWN = {"conversations": {"column", "answer", "c", "source"}, "customers": {"customer_id"}, "ideas": {"theme"}}
EVIL_NAME = "Evil\n<!channel> =HYPERLINK(\"http://evil.example\") {{ 7*7 }} #emph[x] $x^2$ *b* [l](javascript:alert(1)) \u202etxt"  # fmt: skip


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Digest:
    """A digest of conversations in which every text that people write holds markup, scripts and addresses."""
    root = tmp_path_factory.mktemp("hostile")
    fill(root, "main", count=120, hostile=True)
    settings = Settings(organisation=Organisation(name=EVIL_NAME))
    with Store(root, "main").reading(Rights(Role.DIRECTOR)) as version:
        return build(version, WEEK, settings, base_url=BASE)


@pytest.fixture(scope="module")
def told(demo_store: Store) -> Digest:
    """A digest of the sample."""
    with demo_store.reading(Rights(Role.DIRECTOR)) as version:
        return build(version, WEEK, Settings(), base_url=BASE, is_demo=True)


def words_of(digest: Digest) -> list[str]:
    """Sentences that every form says."""
    lines = [digest.answer, digest.more, *digest.caveats, *digest.coverage]
    for section in digest.sections:
        lines += [section.title, section.lead, section.rule]
        lines += [part for item in section.items for part in (item.why, item.text, item.about)]
    return [" ".join(line.split()) for line in lines if line]


def bare(text: str) -> str:
    """Letters and digits alone, as what a form does to spaces and line ends is its own."""
    return re.sub(r"[\W_]+", "", text)


def read(kind: Kind, made: bytes) -> str:
    """The words of a form as a reader meets them."""
    if kind in ("html", "page"):
        tree = LexborHTMLParser(made.decode())
        assert tree.body is not None
        return tree.body.text(separator=" ")
    if kind == "md":
        return re.sub(r"\\(.)", r"\1", made.decode())
    if kind == "pdf":
        return "".join(page.extract_text() for page in PdfReader(BytesIO(made)).pages)
    if kind == "xlsx":
        book = load_workbook(BytesIO(made))
        return " ".join(str(c.value) for page in book for row in page.iter_rows() for c in row if c.value)
    return made.decode()


@pytest.mark.parametrize("kind", ["html", "page", "md", "text", "json", "xlsx"])
def test_every_form_says_the_same(told: Digest, kind: Kind) -> None:
    said = bare(read(kind, form(told, kind)))
    assert [line for line in words_of(told) if bare(line) not in said] == []
    assert "Demodata" in said or kind == "json"


def test_the_pdf_says_the_same_is_tagged_and_embeds_its_fonts(told: Digest) -> None:
    reader = PdfReader(BytesIO(form(told, "pdf")))
    catalog: Any = reader.trailer["/Root"]
    assert catalog["/MarkInfo"]["/Marked"] and "/StructTreeRoot" in catalog and catalog["/Lang"] == "en-GB"
    assert reader.metadata is not None and reader.metadata.title == told.subject
    pages: list[Any] = list(reader.pages)
    fonts = [font.get_object() for page in pages for font in page["/Resources"]["/Font"].values()]
    described = [font["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in fonts]
    assert any("Inter" in font["/BaseFont"] for font in fonts)
    assert all({"/FontFile2", "/FontFile3"} & set(one.get_object()) for one in described)
    # What stands below another on a page is cut by footers and by hyphens: single words are looked for.
    said = " ".join(page.extract_text() for page in reader.pages)
    assert set(re.findall(r"[A-Za-z]{5,}", told.answer)) <= set(re.findall(r"\w+", said))
    assert all(bare(one.title)[:30] in bare(said) for one in told.sections)


@pytest.mark.parametrize("kind", list(ENDINGS))
def test_the_same_digest_gives_the_same_bytes(told: Digest, demo_store: Store, kind: Kind) -> None:
    with demo_store.reading(Rights(Role.DIRECTOR)) as version:
        again = build(version, WEEK, Settings(), base_url=BASE, is_demo=True)
    assert again == told
    assert form(again, kind) == form(told, kind)


def test_the_mail_is_whole_below_what_mail_programs_cut(told: Digest) -> None:
    assert len(form(told, "html")) < 100_000


def test_the_workbook_holds_the_numbers(told: Digest) -> None:
    book = load_workbook(BytesIO(form(told, "xlsx")))
    page = book["Ledger"]
    head = [cell.value for cell in page[1]]
    rows = [dict(zip(head, (cell.value for cell in row), strict=True)) for row in page.iter_rows(min_row=2)]
    cells = [cell for row in told.rows for cell in (*row.scores, *row.conversations)]
    assert [row["Figure"] for row in rows] == [cell.title for cell in cells]
    for row, cell in zip(rows, cells, strict=True):
        assert row["In words"] == cell.value
        if cell.number is None:
            assert row["Value"] is None
        else:
            assert row["Value"] == pytest.approx(cell.number.value) and row["n"] == cell.number.n


def test_json_holds_every_field(told: Digest) -> None:
    data = json.loads(form(told, "json"))
    assert data["week"] == WEEK and data["role"] == "director" and data["is_demo"] is True
    number = next(cell["number"] for row in data["rows"] for cell in row["conversations"] if cell["number"])
    assert {"column", "value", "low", "high", "n", "change", "is_beyond_noise", "weekly"} <= set(number)
    assert {item["kind"] for one in data["sections"] for item in one["items"]} <= {"line", "quote"}


# Hostile text


def test_no_text_is_markup_in_html(hostile: Digest) -> None:
    for kind in ("html", "page"):
        tree = LexborHTMLParser(form(hostile, kind).decode())
        assert not tree.css("script, img, iframe, link, object, form, b, i, code, base, meta[http-equiv]")
        assert not [node for node in tree.css("*") for name in node.attributes if name.startswith("on")]
        assert all((node.attributes["href"] or "").startswith(BASE) for node in tree.css("a"))
        assert "{{ 7*7 }}" in (tree.css_first("p.quiet") or tree).text()


def test_no_text_is_markup_in_markdown(hostile: Digest) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(form(hostile, "md").decode())
    inline = [child for token in tokens for child in token.children or []]
    assert not [one for one in (*tokens, *inline) if one.type.startswith(("html", "image", "code", "fence"))]
    links = [str(one.attrs["href"]) for one in inline if one.type == "link_open"]
    assert links and all(link.startswith(BASE) for link in links)


def test_no_text_is_a_formula_or_a_link_in_the_workbook(hostile: Digest) -> None:
    book = load_workbook(BytesIO(form(hostile, "xlsx")))
    cells = [cell for page in book for row in page.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    links = [cell.hyperlink.target for cell in cells if cell.hyperlink]
    assert links and all(link.startswith(BASE) for link in links)
    assert any("=HYPERLINK" in str(cell.value) for cell in cells)


def test_no_text_is_markup_in_the_pdf(hostile: Digest) -> None:
    reader = PdfReader(BytesIO(form(hostile, "pdf")))
    said = bare("".join(page.extract_text() for page in reader.pages))
    assert bare("{{ 7*7 }} #emph[x] $x^2$") in said
    pages: list[Any] = list(reader.pages)
    links = [note.get_object()["/A"]["/URI"] for page in pages for note in page.get("/Annots", [])]
    assert links and all(link.startswith(BASE) for link in links)


def test_no_name_breaks_a_line(hostile: Digest) -> None:
    for kind in ("text", "md", "json"):
        text = form(hostile, kind).decode()
        assert "\u202e" not in text
    assert "Evil <!channel> =HYPERLINK" in form(hostile, "text").decode()
    assert "\n" not in hostile.subject


# Links


def _links(digest: Digest) -> list[str]:
    tree = LexborHTMLParser(form(digest, "html").decode())
    return [node.attributes["href"] or "" for node in tree.css("a")]


def test_every_link_names_a_page_and_filters_that_it_reads(told: Digest) -> None:
    areas = {place.url: place.area for place in PLACES}
    assert all(areas[url] is area for url, area in PAGES.items())
    shared = {*filters.CARRIED, filters.CUSTOMER}
    for link in _links(told):
        parts = urlsplit(link)
        page, query = parts.path.strip("/"), dict(parse_qsl(parts.query))
        assert link.startswith(f"{BASE}/") and page in areas
        assert set(query) <= shared | OWN.get(page, set()), link
        if "c" not in query:
            assert (query["from"], query["to"]) == ("2026-11-09", "2026-11-15")
        if "column" in query:
            assert query["column"] in {column.name for one in registry.discover() for column in one.columns}


def test_a_figure_leads_to_as_many_conversations_as_it_counts(told: Digest, demo_store: Store) -> None:
    looked = 0
    with demo_store.reading() as version:
        for cell in (cell for row in told.rows for cell in (*row.scores, *row.conversations)):
            if cell.number is None:
                continue
            measure, column = registry.find(cell.number.column)
            if measure.grain != "ticket" or column.total != "share":
                continue
            query = dict(parse_qsl(urlsplit(cell.url or "").query))
            days = Scope(filters._day(query["from"]), filters._day(query["to"]))
            rows = conversations.find(version, days, Sought(query["column"], "yes"), limit=1)
            count = int(rows["count_all"][0]) if rows.height else 0
            assert count == round(cell.number.value * cell.number.n), cell.title
            looked += 1
    assert looked >= 5


def test_the_command_writes_the_forms_that_are_asked_for(
    demo_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEARD_STORE", str(demo_store.folder.parent))
    monkeypatch.chdir(tmp_path)
    base = ["digest", "--store", demo_store.name, "--week", WEEK, "--out", str(tmp_path)]
    assert main(base) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"heard-{WEEK}.html", f"heard-{WEEK}.md"]
    assert main([*base, "--form", "pdf", "--form", "json", "--role", "reader"]) == 0
    assert (tmp_path / f"heard-{WEEK}-reader.pdf").read_bytes().startswith(b"%PDF")
    assert json.loads((tmp_path / f"heard-{WEEK}-reader.json").read_text())["role"] == "reader"
    assert main([*base, "--team", "Billing"]) == 1
