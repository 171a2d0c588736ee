"""Survey tools: their answers on the scales they were given on, joined by what they know, and nothing guessed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipelines.identify import identify
from pipelines.sources._survey_words import is_higher_better, kind_of
from pipelines.sources.source import Options
from tests.conftest import shared
from tests.loading import golden, load, rows, tables
from warehouse.errors import BadInput
from warehouse.store import Store

GOLDEN = Path(__file__).parent / "golden"
SYSTEMS = ("delighted", "typeform", "surveymonkey", "surveys")
# A custom field of the survey tool that holds the ticket's id, as a user would name it.
MAPPED = {"surveymonkey": {"ticket_id": "Custom Data 1"}}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.mark.parametrize("name", SYSTEMS)
def test_the_sample_gives_the_golden_tables(name: str, store: Store) -> None:
    load(store, GOLDEN / name, mapping=MAPPED.get(name))
    golden(GOLDEN / f"{name}.json", tables(store))


@pytest.mark.parametrize("name", SYSTEMS)
def test_each_file_is_recognised_as_its_own(name: str) -> None:
    for path in sorted((GOLDEN / name).iterdir()):
        assert [job.source.name for job in identify(path, Options(), is_named=True).jobs] == [name], path


def _scores(store: Store) -> list[tuple[object, ...]]:
    sql = "SELECT rating_id, score, scale_min, scale_max, is_higher_better FROM ratings ORDER BY rating_id"
    return [tuple(row.values()) for row in rows(store, sql)]


def test_delighted_types_have_their_scales_and_employees_are_not_customers(store: Store) -> None:
    summary = load(store, GOLDEN / "delighted" / "survey_responses.ndjson")
    assert _scores(store) == [
        ("7001", 9.0, 0.0, 10.0, None),
        ("7002", 2.0, 1.0, 5.0, True),
        ("7003", 1.0, 0.0, 1.0, None),
        ("7004", 4.0, 1.0, 5.0, None),
    ]
    assert summary.total("count_refused") == 1 and any("enps" in note for note in summary.files[0].notes)
    assert rows(store, "SELECT ticket_id, customer_email FROM ratings WHERE rating_id = '7001'") == [
        {"ticket_id": "1", "customer_email": "nora@customer.example"}
    ]


def test_a_typeform_scale_is_the_forms(store: Store) -> None:
    load(store, GOLDEN / "typeform" / "form.json")
    load(store, GOLDEN / "typeform" / "responses.json")
    assert _scores(store) == [
        ("ces:r1", 2.0, 1.0, 7.0, False),
        ("csat:r1", 5.0, 1.0, 5.0, None),
        ("csat:r2", 1.0, 1.0, 5.0, None),
        ("nps:r1", 10.0, 0.0, 10.0, None),
    ]


def test_typeform_numbers_without_their_questions_are_not_guessed_at(store: Store) -> None:
    path = GOLDEN / "typeform" / "responses.json"
    with pytest.raises(BadInput, match="not what was asked") as error:
        load(store, path)
    assert "GET /forms/FORM_ID" in str(error.value) and store.current() is None
    load(store, path, mapping={"csat_score": "fSTAR"})
    assert [(score[0], score[1]) for score in _scores(store)] == [("csat:r1", 5.0), ("csat:r2", 1.0)]


def test_the_column_of_a_choice_is_no_score(store: Store) -> None:
    load(store, GOLDEN / "typeform" / "older.csv")
    assert [(score[0], score[1]) for score in _scores(store)] == [("csat:d2e0", 4.0), ("csat:d2e1", 2.0)]
    assert rows(store, "SELECT comment FROM ratings WHERE comment IS NOT NULL") == [
        {"comment": "Slow this time"}
    ]


def test_surveymonkey_labels_and_numbers_are_scores(store: Store) -> None:
    summary = load(store, GOLDEN / "surveymonkey", mapping=MAPPED["surveymonkey"])
    found = _scores(store)
    assert [(score[0], score[1], score[4]) for score in found] == [
        ("ces:114000000001", 4.0, True),
        ("ces:114000000002", 1.0, True),
        ("csat:114000000001", 5.0, None),
        ("csat:114000000002", 3.0, None),
        ("nps:114000000001", 10.0, None),
        ("nps:114000000002", 6.0, None),
    ]
    assert summary.total("count_refused") == 2  # nothing scored; an id that a spreadsheet rounded


def test_surveymonkey_dates_ask_for_their_form(tmp_path: Path, store: Store) -> None:
    text = (GOLDEN / "surveymonkey" / "labels.csv").read_text()
    text = re.sub(r"2026-03-(\d\d)", r"03/\1/2026", text)
    (tmp_path / "answers.csv").write_text(text)
    with pytest.raises(BadInput, match="--dates"):
        load(store, tmp_path / "answers.csv")


def test_a_workbook_of_surveymonkey_reads_like_its_csv(tmp_path: Path, store: Store) -> None:
    import csv

    import xlsxwriter

    book = xlsxwriter.Workbook(tmp_path / "answers.xlsx")
    for line, cells in enumerate(csv.reader((GOLDEN / "surveymonkey" / "labels.csv").open())):
        book.worksheets()[0].write_row(line, 0, cells) if line else book.add_worksheet("Sheet").write_row(
            0, 0, cells
        )
    book.close()
    load(store, tmp_path / "answers.xlsx", mapping=MAPPED["surveymonkey"])
    other = Store(tmp_path / "other")
    load(other, GOLDEN / "surveymonkey", mapping=MAPPED["surveymonkey"])
    assert tables(store) == tables(other)


@pytest.mark.parametrize(
    ("question", "kind", "is_better"),
    [
        ("The company made it easy to handle my issue", "ces", True),
        ("How easy was it to get help?", "ces", True),
        ("How easy or difficult was it to get help?", "ces", True),
        ("How much effort did you personally have to put forth?", "ces", False),
        ("How difficult was it to reach us?", "ces", False),
        ("It took little effort to get help", "ces", None),
        ("It was not easy to get help", "ces", None),
        ("ces_score", None, None),
        ("How likely are you to recommend us?", "nps", None),
        ("How satisfied are you?", "csat", None),
        ("How many people are in your team?", None, None),
    ],
)
def test_the_words_tell_kind_and_direction(question: str, kind: str | None, is_better: bool | None) -> None:
    assert kind_of(question) == kind
    assert is_higher_better(question) is is_better


def test_effort_and_ease_keep_their_direction_and_their_scale(store: Store) -> None:
    summary = load(store, GOLDEN / "surveys" / "ces.csv")
    assert _scores(store) == [("ces:1", 5.0, 1.0, 5.0, True), ("ces:2", 9.0, 0.0, 10.0, False)]
    assert summary.total("count_refused") == 1
    (asked,) = rows(store, "SELECT question FROM ratings WHERE rating_id = 'ces:2'")
    assert asked["question"].startswith("How much effort")


def test_a_score_without_its_question_has_no_direction(tmp_path: Path, store: Store) -> None:
    (tmp_path / "ces.csv").write_text("response_id,ces_score,answered_at\n1,6,2026-03-01\n")
    load(store, tmp_path / "ces.csv")
    assert _scores(store) == [("ces:1", 6.0, 1.0, 7.0, None)]


def test_scores_on_another_scale_are_asked_about_and_not_read_in_part(tmp_path: Path, store: Store) -> None:
    lines = "".join(f"{n},{n % 11},2026-03-01\n" for n in range(40))
    (tmp_path / "t.csv").write_text("response_id,csat_score,answered_at\n" + lines)
    with pytest.raises(BadInput, match="lie outside 1 to 5"):
        load(store, tmp_path / "t.csv")
    load(store, tmp_path / "t.csv", mapping={"scale_min": "0", "scale_max": "10"})
    assert rows(store, "SELECT DISTINCT scale_min, scale_max, count(*) AS n FROM ratings GROUP BY ALL") == [
        {"scale_min": 0.0, "scale_max": 10.0, "n": 40}
    ]


def test_answers_in_words_count_on_five_steps_and_the_middle_is_not_happy(store: Store) -> None:
    load(store, GOLDEN / "surveys" / "csat.csv")
    assert [(score[0], score[1], score[3]) for score in _scores(store)] == [
        ("csat:1", 5.0, 5.0),
        ("csat:2", 3.0, 5.0),
        ("csat:3", None, None),
        ("csat:4", 4.0, 5.0),
    ]


def test_real_delighted_rows_are_read(store: Store) -> None:
    summary = load(store, shared("exports/delighted/survey_responses.ndjson"))
    assert summary.total("count_refused") == 0
    assert rows(
        store, "SELECT count(*) AS n FROM ratings WHERE kind = 'nps' AND answered_at IS NOT NULL"
    ) == [{"n": 5}]


def test_real_typeform_and_surveymonkey_files_say_what_to_do(tmp_path: Path, store: Store) -> None:
    with pytest.raises(BadInput, match="load the form beside it"):
        load(store, shared("exports/typeform/responses.ndjson"))
    with pytest.raises(BadInput, match=r"no kind of file|no column"):
        load(store, shared("exports/typeform/csv_export_old_and_new.csv.txt"))
    both = shared("exports/typeform/csv_export_old_and_new.csv.txt").read_text(encoding="utf-8").splitlines()
    for number, lines in enumerate((both[1:3], both[4:6])):
        path = tmp_path / f"{number}.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        assert identify(path, Options(), is_named=True).jobs[0].source.name == "typeform"
        with pytest.raises(BadInput, match="no column that asks for a score"):
            load(store, path)
    with pytest.raises(BadInput, match="hold no record"):
        load(store, shared("exports/surveymonkey/csv_two_row_header.csv"))
