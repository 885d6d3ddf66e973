"""`explain`: what it says of a number is what the stages did, and what it says was missing was missing."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from extractor.cli import application
from extractor.errors import InputError, UsageError
from extractor.explaining import Explainer, Number, Overview, Skipped
from extractor.pipeline import document_of
from extractor.types import Quantity
from extractor.writing.explanation import write_explanation_json
from tests.conftest import SAMPLES
from tests.stages import CATALOGUE, STAGES

TEXT = """\
石桥乡2024年法治政府建设年度报告

一、主要工作
全乡17个调委会共排查矛盾纠纷86起，化解81起，化解率94.2%。签订书面协议约40份，口头协议较上年减少14件。
拨打12348热线的群众有人答复，抓实“八五”普法。全年未发生行政复议案件。
信访量由上年的72件下降到51件。
二、下一步打算
2025年开展普法宣传不少于12次。

石桥乡人民政府
2025年1月8日
"""


@pytest.fixture(scope="module")
def explainer() -> Explainer:
    return Explainer(CATALOGUE, TEXT)


@pytest.fixture(scope="module")
def overview(explainer: Explainer) -> Overview:
    return explainer.overview()


def number(explainer: Explainer, text: str) -> Number:
    found = explainer.at(text)
    assert isinstance(found, Quantity), text
    return explainer.number(found)


def skipped(explainer: Explainer, text: str) -> Skipped:
    found = explainer.at(text)
    assert isinstance(found, Skipped), text
    return found


def run(*arguments: str, stdin: bytes | None = None) -> tuple[int, str]:
    """Exit code and standard output of the command, in this process; the message where it ends with an error."""
    result = CliRunner().invoke(application(), ["explain", *arguments], input=stdin)
    if isinstance(result.exception, UsageError | InputError):
        return result.exception.exit_code, str(result.exception)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout


# --- it tells what the stages did


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_explained_numbers_are_the_record(sample: Path) -> None:
    """Same ids, spans, values, codes and rules as the record; every other run is skipped or accounted for."""
    text = sample.read_text(encoding="utf-8")
    report = STAGES.extract(document_of(text))
    overview = Explainer(CATALOGUE, text).overview()
    assert [
        (n.id, n.start, n.end, n.value, n.unit, n.qualifier, n.modality, n.code, n.part_of, n.text) for n in overview.quantities
    ] == [
        (i.id, i.start, i.end, i.value, i.unit, i.qualifier, i.modality, i.code, i.part_of, i.text) for i in report.indicators
    ]
    assert ["/".join(filter(None, (n.rule, n.modality_rule))) for n in overview.quantities] == [
        i.rule for i in report.indicators
    ]
    assert all(text[s.start : s.end] == s.text for s in overview.skipped)
    assert sum(s.reason == "unaccounted" for s in overview.skipped) == report.coverage.unaccounted
    assert {s.reason for s in overview.skipped} - {"unaccounted"} == set(report.coverage.skipped) - {
        "front_matter",
        "furniture",
        "page_number",
    }


@pytest.mark.parametrize("sample", SAMPLES[:4], ids=lambda path: path.stem)
def test_a_cue_fits_or_lacks_something_never_both(sample: Path) -> None:
    """At every number: the cues for which something is said to be missing are just those that the matcher refused."""
    explainer = Explainer(CATALOGUE, sample.read_text(encoding="utf-8"))
    weighings = explainer.stages.matcher.weighings
    assert weighings
    everything = {(rule.code, cue) for rule in CATALOGUE.indicators for cue in range(len(rule.cues))}
    for weighing in weighings[::4]:
        fitted = {(c.code, c.cue) for c in weighing.candidates if not c.code.startswith("none.")}
        missed = {(code, miss.cue) for code in CATALOGUE.codes for miss in explainer.misses(weighing, code)}
        assert missed == everything - fitted


@pytest.mark.parametrize("sample", SAMPLES[:4], ids=lambda path: path.stem)
def test_scores_add_up_and_the_winner_is_named(sample: Path) -> None:
    for n in Explainer(CATALOGUE, sample.read_text(encoding="utf-8")).overview().quantities:
        for weighed in n.candidates:
            assert sum(points for _, points in weighed.parts) == pytest.approx(weighed.score)
        winners = [w for w in n.candidates if w.won]
        if "#" in n.rule:
            assert [f"{w.code}#{w.cue}" for w in winners] == [n.rule]
        else:
            assert winners == []


# --- one number


def test_number_has_its_grammar_words_and_cue(explainer: Explainer) -> None:
    n = number(explainer, "86起")
    assert (n.value, n.unit, n.qualifier, n.modality, n.code) == (86, "起", "exact", "actual", "mediation.disputes_screened")
    assert TEXT[n.start : n.end] == "86起"
    concepts = {concept for word in n.words for concept in word.concepts}
    assert {"screen", "dispute"} <= concepts
    assert all(TEXT[word.start : word.end] == word.text for word in n.words)
    assert n.candidates[0].won
    assert n.candidates[0].score == max(w.score for w in n.candidates)
    assert "mediation.disputes_screened" in n.why
    assert n.section == "主要工作"


def test_qualifier_words_are_those_of_the_text(explainer: Explainer) -> None:
    assert (number(explainer, "约40份").qualifier, number(explainer, "约40份").qualifier_words) == ("about", "约")
    assert (number(explainer, "不少于12次").qualifier, number(explainer, "不少于12次").qualifier_words) == (
        "at_least",
        "不少于",
    )
    assert number(explainer, "86起").qualifier_words is None


def test_modality_names_its_rule(explainer: Explainer) -> None:
    names = {rule.name for rule in CATALOGUE.modality.rules}
    for text, modality in (("72件", "past"), ("14件", "change"), ("不少于12次", "target")):
        n = number(explainer, text)
        assert n.modality == modality
        assert n.modality_rule in names
    assert number(explainer, "86起").modality_rule is None


def test_what_is_taken_over_says_so(explainer: Explainer) -> None:
    n = number(explainer, "51件")
    assert n.code == "petition.cases_received"
    assert n.rule.startswith("inherit.")
    assert "before it" in n.why
    assert not any(w.won for w in n.candidates)


def test_zero_statement_names_the_words_that_it_negates(explainer: Explainer) -> None:
    n = number(explainer, "未发生")
    assert (n.value, n.code, n.rule) == (0, "litigation.reconsideration_cases", "zero")
    assert any("行政复议" in word.text for word in n.words)
    assert "未发生" in n.why


# --- what is no quantity


@pytest.mark.parametrize(
    ("text", "reason", "said"),
    [
        ("12348", "hotline", "numbers.yaml, skip"),
        ("八五", "number_name", "numbers.yaml"),
        ("2025年1月8日", "sign_off", None),
        ("2024年法治政府", "front_matter", None),
    ],
)
def test_skipped_number_has_reason_and_rule(explainer: Explainer, text: str, reason: str, said: str | None) -> None:
    found = skipped(explainer, text)
    assert found.reason == reason
    assert found.why
    assert (found.rule or "").startswith(said or "")
    assert (found.rule is None) == (said is None)


def test_every_skipped_run_has_words_for_its_reason(overview: Overview) -> None:
    assert overview.skipped
    assert all(s.why and not s.why.endswith(("a word", "unaccounted")) for s in overview.skipped)


def test_every_reason_that_the_samples_skip_for_is_explained() -> None:
    """A run is traced to a rule of numbers.yaml, or to a mechanism that is described in words."""
    untraced = set()
    for sample in SAMPLES:
        for s in Explainer(CATALOGUE, sample.read_text(encoding="utf-8")).overview().skipped:
            if s.rule is None and s.why == f"it is a {s.reason}":
                untraced.add((s.reason, s.clause))
    assert untraced == set()


# --- finding the number that is meant


def test_at_prefers_the_number_itself_then_its_clause(explainer: Explainer) -> None:
    assert number(explainer, "81起").text == "81起"
    assert number(explainer, "94.2").text == "94.2%"
    assert number(explainer, "矛盾纠纷86起").text == "86起", "not 17个, which stands first in its clause"
    assert number(explainer, "签订书面协议").text == "约40份"
    assert number(explainer, "签订书面 协议").text == "约40份", "line breaks and spaces of the copied words do not matter"
    assert number(explainer, "化解81起，化解率").text == "81起"


@pytest.mark.parametrize(("text", "said"), [("有人答复", None), ("海晏河清", "does not stand in the text"), (" ", "needs")])
def test_at_words_without_a_number(explainer: Explainer, text: str, said: str | None) -> None:
    if said is None:
        assert skipped(explainer, text).text == "12348", "the first run of the clause, skipped as it is"
        return
    with pytest.raises(UsageError, match=said):
        explainer.at(text)


def test_at_words_of_a_clause_without_numbers() -> None:
    with pytest.raises(UsageError, match="no number in its clause"):
        Explainer(CATALOGUE, "调解纠纷6起。各村都很重视。").at("重视")


def test_number_is_an_ordinal_or_an_id(explainer: Explainer) -> None:
    assert explainer.by_number("3") is explainer.by_number("q3")
    with pytest.raises(UsageError, match=r"q1 to q\d+"):
        explainer.by_number("99")
    with pytest.raises(UsageError, match="no quantities"):
        Explainer(CATALOGUE, "各村都很重视。").by_number("1")


# --- one code


def test_code_lists_where_it_won_and_where_its_words_stand(explainer: Explainer) -> None:
    found = explainer.code("mediation.success_rate")
    assert [n.text for n in found.won] == ["94.2%"]
    assert (found.state, found.value) == ("reported", number(explainer, "94.2%").value)
    assert {TEXT[m.start : m.end] for m in found.mentions} == {"化解率"}
    assert found.mentions[0].numbers == (number(explainer, "94.2%").id,)


def test_code_says_what_beat_it_and_what_was_missing(explainer: Explainer) -> None:
    found = explainer.code("mediation.disputes_mediated")
    beaten = {a.number.text: a for a in found.beaten}
    weighed = beaten["86起"].weighed
    assert weighed is not None
    assert weighed.score < beaten["86起"].number.candidates[0].score
    for attempt in found.missed:
        assert attempt.weighed is None
        assert all(miss.lacks for miss in attempt.misses)


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("调解纠纷60人。", "mediation.disputes_resolved", "no word for resolve among its own words"),
        ("人民调解员60起。", "mediation.mediators", "its unit 起 is not one of"),
        ("调解率60。", "mediation.mediation_rate", "it has no unit, and this indicator needs one"),
        ("培训调解员60人。", "mediation.mediators", "a word for training stands among its own words and must not"),
        ("达成协议60份。", "mediation.written_agreements", "no number of"),
    ],
)
def test_why_a_number_has_not_a_code(text: str, code: str, said: str) -> None:
    explainer = Explainer(CATALOGUE, text)
    answer = explainer.number_for_code(explainer.by_number("1"), code)
    assert any(lack.startswith(said) for miss in answer.attempt.misses for lack in miss.lacks), answer.attempt.misses


def test_code_that_no_word_speaks_of() -> None:
    found = Explainer(CATALOGUE, "调解纠纷6起。").code("petition.hotline_requests")
    assert (found.state, found.won, found.beaten, found.missed, found.mentions) == ("absent", (), (), (), ())


def test_one_rate_for_two_names_says_that_it_is_shared() -> None:
    numbers = Explainer(CATALOGUE, "矛盾纠纷调解率、调解成功率均达98%。").overview().quantities
    assert {n.code for n in numbers} == {"mediation.mediation_rate", "mediation.success_rate"}
    assert all("several names" in n.why for n in numbers)


def test_offsets_are_those_of_the_text_as_received() -> None:
    text = "﻿调解\r\n纠纷 6 起，\r\n拨打 12348 热线。"
    explainer = Explainer(CATALOGUE, text)
    overview = explainer.overview()
    assert [text[n.start : n.end] for n in overview.quantities] == ["6 起"]
    assert [text[s.start : s.end] for s in overview.skipped] == ["12348"]


# --- the command


@pytest.fixture
def report(tmp_path: Path) -> Path:
    file = tmp_path / "report.txt"
    file.write_text(TEXT, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ((), "约40份"),
        (("--at", "86起"), "mediation.disputes_screened"),
        (("--at", "12348"), "hotline"),
        (("--code", "mediation.success_rate"), "化解率94.2%"),
        (("--number", "q2", "--code", "mediation.success_rate"), "not mediation.success_rate"),
    ],
)
def test_command_prints_what_was_asked_for(report: Path, options: tuple[str, ...], shown: str) -> None:
    code, printed = run(str(report), *options)
    assert code == 0
    assert shown in printed


def test_command_prints_json(report: Path, explainer: Explainer) -> None:
    code, printed = run(str(report), "--number", "q2", "-f", "json")
    explained = json.loads(printed)
    n = explainer.number(explainer.by_number("2"))
    assert code == 0
    assert (explained["kind"], explained["id"], explained["value"], explained["start"]) == ("quantity", "q2", 86, n.start)


def test_every_explanation_has_a_json_form(explainer: Explainer, overview: Overview) -> None:
    answers = {
        "overview": overview,
        "quantity": number(explainer, "94.2%"),
        "skipped": skipped(explainer, "12348"),
        "code": explainer.code("mediation.success_rate"),
        "number_for_code": explainer.number_for_code(explainer.by_number("2"), "mediation.success_rate"),
    }
    for kind, answer in answers.items():
        stream = io.StringIO()
        write_explanation_json(answer, stream)
        assert json.loads(stream.getvalue())["kind"] == kind
    stream = io.StringIO()
    write_explanation_json(answers["quantity"], stream)
    assert json.loads(stream.getvalue())["value"] == 94.2


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--code", "mediation.sucess_rate"), 2, "did you mean 'mediation.success_rate'"),
        (("--number", "999"), 2, "there is no quantity number '999'"),
        (("--at", "86起", "--number", "1"), 2, "give one of them"),
    ],
)
def test_wrong_use_ends_with_2(report: Path, options: tuple[str, ...], code: int, said: str) -> None:
    ended, message = run(str(report), *options)
    assert ended == code
    assert said in message


def test_unreadable_input_ends_with_3(tmp_path: Path) -> None:
    assert run(str(tmp_path / "nowhere.txt"))[0] == 3


def test_reads_other_encodings_and_standard_input(tmp_path: Path) -> None:
    file = tmp_path / "gb.txt"
    file.write_bytes(TEXT.encode("gb18030"))
    assert "mediation.disputes_screened" in run(str(file), "--encoding", "gb18030", "--at", "86起")[1]
    assert "mediation.disputes_screened" in run("-", "--at", "86起", stdin=TEXT.encode())[1]
