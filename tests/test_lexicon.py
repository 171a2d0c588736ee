"""Cues of one's own: added and switched off in heard.toml, heard in every process, and tried before they are adopted."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from metrics import facts
from metrics.function.trust.would_recommend import would_recommend
from metrics.text import lexicons
from metrics.text.hear import hear
from metrics.text.lexicons import NO_CHANGES, changes_of
from pipelines import score
from pipelines.cli import main
from pipelines.ingest import ingest
from pipelines.lexicon import cue_of, spelled, tried
from tests.stores import fill
from tests.talks import messages
from warehouse.errors import BadSettings, NoData
from warehouse.settings import OwnCue, Settings, load_settings
from warehouse.store import Store, query

THUMBS = OwnCue(
    lexicon="would_recommend", kind="recommend", phrases=("thumbs up all round",), note="praise to others"
)


def settings_of(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "heard.toml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path)


def said(*lines: str, settings: Settings) -> list[str]:
    """The kinds of would_recommend found in what a customer says."""
    talk = messages([f"customer: {line}" for line in lines])
    tickets = talk.select("source", "ticket_id", "created_at").head(1)
    tickets = tickets.rename({"created_at": "ended_at"}).with_columns(created_at="ended_at", status=None)
    heard = hear(tickets, talk, would_recommend.lexicons, changes_of(settings))
    return would_recommend.judge(heard)["kind"].to_list()


def test_a_cue_of_ones_own_is_heard() -> None:
    words = "All done within the hour, thumbs up all round from the whole office."
    assert said(words, settings=Settings()) == []
    assert said(words, settings=Settings(cues=(THUMBS,))) == ["recommend"]
    assert said(words, settings=Settings()) == [], "what was heard before changes nothing"


def test_a_shipped_cue_can_be_switched_off(tmp_path: Path) -> None:
    cue = next(cue for cue in lexicons.shipped("unheard_suggestion") if cue.is_phrase)
    name, kind = cue.name, cue.kind
    shouted = json.dumps(name.upper())
    text = f'[[cues]]\nlexicon = "unheard_suggestion"\nkind = "{kind}"\nwithout = [{shouted}]\n'
    changes = changes_of(settings_of(tmp_path, text))
    assert changes.without == (("unheard_suggestion", kind, name),)
    left = lexicons.cues_in_force(("unheard_suggestion",), changes)
    assert set(lexicons.shipped("unheard_suggestion")) - set(left) == {cue}
    assert not changes.added


def test_a_pattern_a_weight_and_a_speaker_are_read_as_in_a_lexicon(tmp_path: Path) -> None:
    text = (
        '[[cues]]\nlexicon = "would_recommend"\nkind = "warn"\npatterns = [\'\\bblack ?list\']\n'
        'weight = 2\nspeaker = "customer"\nnote = "tells others to keep off"\n'
    )
    (cue,) = changes_of(settings_of(tmp_path, text)).added
    assert (cue.lexicon, cue.kind, cue.weight, cue.speaker) == ("would_recommend", "warn", 2.0, "customer")
    assert not cue.is_phrase
    assert lexicons.cues_in_force(("would_recommend",), changes_of(settings_of(tmp_path, text)))[-1] == cue


GOOD = {"lexicon": '"would_recommend"', "kind": '"recommend"', "phrases": '["top"]', "note": '"why"'}


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"lexicon": '"would_recomend"'}, "did you mean would_recommend?"),
        ({"lexicon": None}, "lexicon is missing"),
        ({"kind": '"recomend"'}, "did you mean recommend?"),
        ({"kind": None}, "kind is missing"),
        ({"note": None}, "note is missing"),
        ({"phrases": None}, "neither phrases nor patterns"),
        ({"phrases": '"top"'}, "must be a list of texts"),
        ({"phrases": None, "patterns": '["(top"]'}, "cannot be read"),
        ({"patterns": '["(?=top)x"]'}, "cannot be read"),
        ({"patterns": '["x*"]'}, "matches nothing at all"),
        ({"speaker": '"robot"'}, "speaks as 'robot'"),
        ({"weight": '"much"'}, "must be float"),
        ({"wieght": "1.0"}, "did you mean cues.weight?"),
        ({"without": '["a thing nobody ships"]'}, "heard lexicon show would_recommend"),
        ({"lexicon": '"support_mood"', "kind": '"feeling"'}, "can not be changed"),
    ],
)
def test_a_cue_that_can_not_be_heard_is_refused(
    tmp_path: Path, changed: dict[str, str | None], says: str
) -> None:
    lines = [f"{key} = {value}" for key, value in {**GOOD, **changed}.items() if value is not None]
    with pytest.raises(BadSettings) as caught:
        changes_of(settings_of(tmp_path, "\n".join(["[[cues]]", *lines, ""])))
    assert says in str(caught.value)
    assert "heard.toml" in caught.value.what
    assert caught.value.fix


def test_a_load_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    wrong = Settings(cues=(OwnCue(lexicon="nothing"),))
    with pytest.raises(BadSettings, match="no lexicon 'nothing'"):
        ingest([tmp_path], store=Store(tmp_path / "store"), settings=wrong)
    assert not (tmp_path / "store").exists()


def test_all_processes_hear_it_and_only_then_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Conversations are heard again once the cues changed, also where other processes do the hearing."""
    fill(tmp_path, "main", count=40)
    monkeypatch.setattr(score, "ALONE", 0)
    monkeypatch.setattr("pipelines.workers.count", lambda: 2)
    own = Settings(
        cues=(
            OwnCue(
                lexicon="would_recommend", kind="recommend", phrases=("everything works well",), note="praise"
            ),
        )
    )
    draft = Store(tmp_path, "main").begin()
    try:
        facts.resolve(draft.connection, own)
        assert score.score(draft.connection).count_heard == 0
        assert score.score(draft.connection, changes=changes_of(own)).count_heard >= 40
        found = query(
            draft.connection,
            "SELECT count(*) FROM evidence JOIN turns USING (source, ticket_id, message_id)"
            " WHERE measure = 'would_recommend' AND evidence.kind = 'recommend' AND text LIKE 'Everything works well%'",
        ).item()
        assert found == 8, "one of five scripts says so"
        assert score.score(draft.connection, changes=changes_of(own)).count_heard == 0
    finally:
        draft.discard()


def test_the_fingerprint_tells_cues_apart_and_not_how_they_are_written() -> None:
    changes = changes_of(Settings(cues=(THUMBS,)))
    assert score.fingerprint(NO_CHANGES) == score.fingerprint()
    assert score.fingerprint(changes) != score.fingerprint()
    assert score.fingerprint(changes) == score.fingerprint(changes_of(Settings(cues=(THUMBS,))))


def test_trying_counts_what_a_cue_hits_and_what_is_heard_there_already(tmp_path: Path) -> None:
    fill(tmp_path, "main", count=50)
    with Store(tmp_path, "main").reading() as version:
        found = tried(version, cue_of("I will tell everyone", lexicon="would_recommend", kind="warn"))
        curly = tried(version, cue_of("i\u2019ll", speaker="agent"))
        agents = tried(version, cue_of("I will tell everyone", speaker="agent"))
        pattern = tried(version, cue_of(r"\bi will (?:tell|recommend)\b", is_pattern=True))
    assert (found.count_messages, found.count_conversations, found.count_sentences) == (10, 10, 10)
    assert found.count_readable >= 50  # and what surveys say that belong to no ticket
    assert found.share == 10 / found.count_readable
    assert ("would_recommend", 10) in [(one.measure, one.count_sentences) for one in found.already]
    (shown,) = found.said
    assert shown.text[shown.start : shown.end] == "I will tell everyone"
    assert (curly.count_messages, agents.count_messages, agents.said) == (0, 0, ())
    assert pattern.count_sentences == 20


def test_what_is_spelled_is_read_back() -> None:
    for cue in (
        cue_of('it\'s "still" broken', lexicon="would_recommend", kind="warn", speaker="customer"),
        cue_of(r"\bcan'?t log", is_pattern=True, lexicon="would_recommend", kind="warn"),
        cue_of(r"\bno \w+ yet", is_pattern=True, lexicon="would_recommend", kind="warn"),
    ):
        (table,) = tomllib.loads(spelled(cue))["cues"]
        assert table.get("phrases" if cue.is_phrase else "patterns") == [cue.name]
        assert (table["lexicon"], table["kind"], table["speaker"]) == (cue.lexicon, cue.kind, cue.speaker)


def test_the_verb_lists_shows_and_tries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(tmp_path / "store", "main", count=10)
    monkeypatch.setenv("HEARD_STORE", str(tmp_path / "store"))
    file = tmp_path / "heard.toml"
    file.write_text(
        '[[cues]]\nlexicon = "would_recommend"\nkind = "recommend"\nphrases = ["five stars"]\nnote = "n"\n'
    )
    asked = ["--settings", str(file), "lexicon"]
    assert main([*asked, "list"]) == 0
    assert "1 of your own" in capsys.readouterr().out
    assert main([*asked, "show", "would_recommend"]) == 0
    assert '"five stars" 1: n (your own)' in capsys.readouterr().out
    assert main([*asked, "try", "stay away"]) == 0
    printed = capsys.readouterr().out
    assert "[[stay away]] from you" in printed
    assert 'phrases = ["stay away"]' in printed
    assert main([*asked, "try", "stay away", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["count_sentences"] == 2
    assert main([*asked, "try", "(stay", "--pattern"]) == 1
    assert "RE2 syntax" in capsys.readouterr().err
    assert main([*asked, "try"]) == 1
    assert main([*asked, "try", "x", "--lexicon", "would_recommend"]) == 1
    assert "known are" in capsys.readouterr().err
    with pytest.raises(NoData, match="did you mean"):
        lexicons.shipped("would_recomend")
