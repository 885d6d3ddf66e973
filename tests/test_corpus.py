"""What many reports show beside each other: planted copies, gaps and outliers are found, honest neighbours are left alone."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.invented import Base, bases, digest_of, later, moved, paragraphs, renumbered, rewrapped, rewritten
from extractor.batch.corpus import corpus_findings
from extractor.catalogue import load_catalogue
from extractor.catalogue.models import CORPUS_WORDS
from extractor.corpus import CorpusFinding, Digest, digest, find, from_line, to_line
from extractor.corpus.outliers import centre, is_distant, is_far, may_be_distant, median_without, score
from extractor.corpus.signatures import masked, read_signature, signature
from extractor.corpus.types import Value
from extractor.errors import CatalogueError, InputError
from extractor.pipeline import document_of
from extractor.writing.rows import Language, columns, corpus_row
from tests.conftest import REPOSITORY, call, examples
from tests.stages import CATALOGUE, STAGES

RULES = CATALOGUE.corpus
SCALE = RULES.scale
CODE = "mediation.disputes_mediated"
RATE = "mediation.success_rate"


@cache
def known() -> tuple[Base, ...]:
    """A few invented reports, none like another."""
    chosen = [
        base for base in bases(STAGES) if STAGES.extract(document_of(later(base.text, 1))).metadata.report_year != base.year
    ]
    return tuple(chosen[:8])


def read(name: str, text: str) -> Digest:
    return digest_of(name, text, STAGES, CATALOGUE)


def told(*digests: Digest) -> list[CorpusFinding]:
    return list(find(digests, CATALOGUE))


def codes(*digests: Digest) -> list[tuple[str, str]]:
    return [(one.file, one.code) for one in told(*digests)]


def plain(
    name: str, township: str = "竹溪镇", county: str | None = "云岭县", year: int | None = 2020, **more: object
) -> Digest:
    """A digest without a text; every name has a content of its own."""
    base = Digest(name, f"sha of {name}", None, year, None, county, township, (f"{township}人民政府",), "", (), ())
    return replace(base, **more)  # type: ignore[arg-type]


def valued(name: str, value: float, unit: str | None = "件", code: str = CODE, **more: object) -> Digest:
    return plain(name, values=(Value(code, value, unit, ("q7",)),), **more)  # type: ignore[arg-type]


def copies_of(base: Base) -> dict[str, str]:
    """A report as others would hand it in again."""
    random = Random(base.name)
    elsewhere = moved(base, base.text, "椿萱镇", "岑溟县")
    return {
        "version": rewrapped(base.text),
        "next year": renumbered(later(base.text, 1), 1, random),
        "next year with the numbers": later(base.text, 1),
        "elsewhere": renumbered(elsewhere, 1, random),
        "elsewhere with the numbers": elsewhere,
        "two years on, a fifth rewritten": rewritten(renumbered(later(base.text, 2), 1, random), 0.2, others(base), random),
    }


def others(base: Base) -> list[str]:
    return paragraphs([other for other in known() if other is not base])


COPIES = {
    "version": "near_duplicate",
    "next year": "copied_from_earlier_year",
    "next year with the numbers": "copied_from_earlier_year_with_numbers",
    "elsewhere": "copied_from_other_place",
    "elsewhere with the numbers": "copied_from_other_place_with_numbers",
    "two years on, a fifth rewritten": "copied_from_earlier_year",
}


# ------------------------------------------------------------------------------------------------ copies


@pytest.mark.parametrize(("how", "code"), COPIES.items())
def test_a_copy_is_told_of_with_the_report_that_it_copies(how: str, code: str) -> None:
    for base in known()[:4]:
        found = told(read("a.txt", base.text), read("b.txt", copies_of(base)[how]))
        copied = [one for one in found if one.code in CORPUS_WORDS and one.code.startswith(("near", "copied"))]
        assert [(one.file, one.code) for one in copied] == [("b.txt", code)], base.name
        assert "a.txt" in copied[0].message
        assert "a.txt" in copied[0].message_en


def test_the_same_bytes_are_one_finding_for_each_further_file() -> None:
    text = known()[0].text
    names = ["c.txt", "a.txt", "b.txt"]
    assert codes(*(read(name, text) for name in names)) == [("b.txt", "duplicate_file"), ("c.txt", "duplicate_file")]


def test_reports_that_have_nothing_to_do_with_each_other_give_nothing() -> None:
    found = told(*(read(base.name, base.text) for base in known()))
    assert [one for one in found if one.code.startswith(("dup", "near", "copied"))] == []


@pytest.mark.parametrize("share", [0.5, 0.6])
def test_towns_that_fill_in_one_template_are_no_copies(share: float) -> None:
    base, random = known()[0], Random(3)
    towns = [base.text]
    for name in ("椿萱镇", "岑溟镇", "槲坞乡"):
        town = renumbered(moved(base, base.text, name, base.county), 1, random)
        towns.append(rewritten(town, share, others(base), random))
    found = told(*(read(f"{at}.txt", text) for at, text in enumerate(towns)))
    assert [one for one in found if one.code.startswith(("near", "copied"))] == []


def test_the_finding_says_how_much_is_the_same() -> None:
    base = known()[0]
    original, copy = read("a.txt", base.text), read("b.txt", later(base.text, 1))
    (found,) = (one for one in told(original, copy) if one.code.startswith("copied"))
    assert original.numbers == copy.numbers
    assert f"{len(copy.numbers)}/{len(copy.numbers)}" in found.message
    assert f" {base.year} " in found.message
    assert found.severity == "error"


def test_the_likest_of_several_earlier_reports_is_named() -> None:
    base, random = known()[0], Random(1)
    first = read("first.txt", base.text)
    second = read("second.txt", rewritten(later(base.text, 1), 0.2, others(base), random))
    third = read("third.txt", later(base.text, 2))
    (found,) = (one for one in told(third, second, first) if one.file == "third.txt" and one.code.startswith("copied"))
    assert "first.txt" in found.message


def test_a_text_too_short_to_compare_is_not_compared() -> None:
    one, other = (
        read(name, f"竹溪镇{year}年度法治政府建设情况报告\n全年开展法治宣传12场次。")
        for name, year in (("a", 2020), ("b", 2021))
    )
    assert one.signature == ""
    assert [code for _, code in codes(one, other)] == []


def test_a_crowd_of_texts_that_are_alike_stays_quick_and_every_copy_is_told_of() -> None:
    rules = RULES.model_copy(update={"text": RULES.text.model_copy(update={"crowd": 5})})
    small = CATALOGUE.model_copy(update={"corpus": rules})
    original = read("a.txt", known()[0].text)
    crowd = [replace(original, name=f"{at:03}.txt", sha256=str(at), township=f"{at}镇") for at in range(60)]
    found = [one for one in find(crowd, small) if one.code == "copied_from_other_place_with_numbers"]
    assert len(found) == 59


# ------------------------------------------------------------------------------------------------ places and years


def test_several_reports_of_one_place_and_year_are_counted() -> None:
    found = told(plain("a"), plain("b"), plain("c"), plain("d", township="松岗镇"))
    assert [(one.file, one.code) for one in found] == [("b", "several_reports"), ("c", "several_reports")]
    assert all("3" in one.message and "“a”" in one.message for one in found)


def test_townships_of_one_name_in_two_counties_are_two_places() -> None:
    assert codes(plain("a", county="云岭县"), plain("b", county="槐荫县")) == []
    assert codes(plain("a", county="云岭县"), plain("b", county=None)) == [("b", "several_reports")]
    assert codes(plain("a", county="云岭县"), plain("b", county="槐荫县"), plain("c", county=None)) == []


def test_years_that_are_missing_are_named_once() -> None:
    found = told(*(plain(str(year), year=year) for year in (2016, 2017, 2021, 2023)))
    assert [(one.file, one.code) for one in found] == [("2021", "year_gap"), ("2023", "year_gap")]
    assert "2018–2020" in found[0].message
    assert "2022" in found[1].message


def test_without_place_or_year_nothing_is_said_of_them() -> None:
    nowhere = plain("a", township=None, county=None, issuers=())
    assert codes(nowhere, replace(nowhere, name="b", sha256="b"), plain("c", year=None), plain("d", year=None)) == []


# ------------------------------------------------------------------------------------------------ values


def series(*values: float, unit: str | None = "件", code: str = CODE) -> list[Digest]:
    return [valued(str(2015 + at), value, unit, code, year=2015 + at) for at, value in enumerate(values)]


@pytest.mark.parametrize(
    ("values", "file"),
    [
        ((210, 198, 2250, 231, 205), "2017"),
        ((210, 198, 225, 231, 3), "2019"),
        ((0, 0, 0, 0, 88), "2019"),
        ((210, 198, 225, 231, 205), None),
        ((100, 140, 180, 260, 350, 480), None),
        ((2, 0, 5, 1, 9), None),
        ((210, 2250, 205, 231), None),
    ],
    ids=["ten times", "a hundredth", "from nothing", "steady", "growing", "small", "too few years"],
)
def test_a_value_far_from_the_other_years_is_told_of(values: tuple[float, ...], file: str | None) -> None:
    found = told(*series(*values))
    assert [(one.file, one.code) for one in found] == ([(file, "outlier_in_series")] if file else [])
    assert all(one.indicators == ("q7",) for one in found)


def test_a_rate_is_measured_in_points() -> None:
    assert codes(*series(97, 98, 99.1, 98.5, 62, unit="%", code=RATE)) == [("2019", "outlier_in_series")]
    assert codes(*series(97, 98, 99.1, 98.5, 92, unit="%", code=RATE)) == []


def test_the_message_of_an_outlier_has_its_numbers() -> None:
    (found,) = told(*series(210, 198, 2250, 231, 206))
    around = centre([210, 198, 231, 206], False, SCALE)
    for part in ("2250件", "208件", "4", f"{score(2250, around, SCALE):.1f}"):
        assert part in found.message
        assert part in found.message_en


def test_a_unit_that_changes_is_told_of_and_its_values_are_not_compared() -> None:
    reports = [*series(210, 198, 205, 231), valued("2019", 5, "人次", year=2019)]
    found = told(*reports)
    assert [(one.file, one.code) for one in found] == [("2019", "unit_changed")]
    assert all(part in found[0].message for part in ("2018", "231件", "5人次"))


def test_units_that_mean_the_same_are_no_change() -> None:
    assert codes(*series(210, 198), valued("2019", 205, "起", year=2017)) == []


def peers(values: list[float], county: str | None = "云岭县") -> list[Digest]:
    return [valued(f"{at:02}", value, township=f"{at}镇", county=county) for at, value in enumerate(values)]


def test_a_value_far_from_other_places_is_told_of() -> None:
    random = Random(4)
    ordinary = [round(random.lognormvariate(5, 0.5)) for _ in range(24)]
    assert codes(*peers(ordinary)) == []
    found = told(*peers([*ordinary, 90_000]))
    assert [(one.file, one.code) for one in found] == [("24", "outlier_among_peers")]
    assert all(part in found[0].message for part in ("云岭县", "2020", "90000件", "24"))


def test_few_peers_are_none_and_counties_are_joined_where_they_are_small() -> None:
    assert codes(*peers([100.0] * 10 + [90_000])) == []
    scattered = [replace(one, county=f"{at % 6}县") for at, one in enumerate(peers([100.0] * 24 + [90_000]))]
    (found,) = told(*scattered)
    assert RULES.everywhere.zh in found.message
    assert RULES.everywhere.en in found.message_en


def test_repeated_reports_do_not_count_twice() -> None:
    base = series(210, 198, 225, 2250)
    again = replace(base[3], name="again")
    assert codes(*base, again) == [("again", "duplicate_file")]


@given(st.lists(st.integers(0, 5000), min_size=5, max_size=12), st.booleans())
def test_outliers_are_those_that_the_definition_names(values: list[int], is_rate: bool) -> None:
    """The modified z-score written out, without the short cuts."""
    found = told(*series(*values, unit="%" if is_rate else "件", code=RATE if is_rate else CODE))
    expected = []
    for at, value in enumerate(values):
        around = centre(values[:at] + values[at + 1 :], is_rate, SCALE)
        if is_far(value, around, RULES.series, SCALE):
            expected.append(str(2015 + at))
    assert [one.file for one in found if one.code == "outlier_in_series"] == expected


@given(st.lists(st.floats(0, 1e6), min_size=3, max_size=12))
def test_the_short_cuts_of_outliers_hold(values: list[float]) -> None:
    ordered = sorted(values)
    for at, value in enumerate(ordered):
        middle = centre(ordered[:at] + ordered[at + 1 :], False, SCALE).median
        assert median_without(ordered, at) == middle
        if is_distant(value, middle, False, RULES.series, SCALE):
            assert may_be_distant(ordered, False, RULES.series, SCALE)


# ------------------------------------------------------------------------------------------------ digests


def test_a_digest_keeps_what_the_record_says() -> None:
    text = (REPOSITORY / "samples" / "luoqiao-2024.txt").read_text(encoding="utf-8")
    report = STAGES.extract(document_of(text, "luoqiao.txt"))
    made = digest(report, text, RULES)
    assert (made.name, made.year, made.township, made.county) == ("luoqiao.txt", 2024, "骆桥镇", "宁埠县")
    assert Value(CODE, 214.0, "起", report.summary[CODE].indicators) in made.values
    assert "57起" not in made.numbers
    assert {"214起", "98%"} & set(made.numbers) == {"214起"}  # 98% is a plan


@examples(0.25)
@given(st.sampled_from(range(4)), st.integers(0, 5))
def test_a_digest_comes_back_from_its_line_unchanged(at: int, cut: int) -> None:
    made = read("报告 1.txt", known()[at].text[cut * 100 :])
    line = to_line(made)
    assert "\n" not in line
    assert from_line(line, "x") == made


@pytest.mark.parametrize("line", ["", "{}", "[1]", '{"name": 3}', "no json"])
def test_a_line_that_is_no_digest_is_an_error_with_its_place(line: str) -> None:
    with pytest.raises(InputError, match=r"digests\.jsonl:7: is no digest"):
        from_line(line, "digests.jsonl:7")


def test_a_signature_of_another_make_is_an_error() -> None:
    made = read("a.txt", known()[0].text)
    fewer = signature(known()[0].text, (), RULES.text.model_copy(update={"permutations": 64, "bands": 16}))
    for damaged in (fewer, made.signature[:200], "AAAA", "!"):
        with pytest.raises(InputError, match=r"a\.txt: its signature cannot be compared"):
            told(replace(made, signature=damaged))


def test_a_signature_does_not_see_numbers_names_and_line_ends() -> None:
    text = known()[0].text
    base = signature(text, (), RULES.text)
    assert signature(renumbered(text, 1, Random(0)).replace("，", ",\r\n　"), (), RULES.text) == base
    assert masked("骆桥镇2024年调解 57 起。", ["骆桥镇"]) == "0年调解0起"


def test_signatures_estimate_what_texts_have_in_common() -> None:
    random = Random(8)
    one = "".join(chr(0x4E00 + random.getrandbits(11)) for _ in range(2000))
    for shared in (400, 1000, 1600):
        other = one[:shared] + "".join(chr(0x4E00 + random.getrandbits(11)) for _ in range(2000 - shared))
        sets = [{text[at : at + 5] for at in range(1996)} for text in (one, other)]
        likeness = len(sets[0] & sets[1]) / len(sets[0] | sets[1])
        sketches = [read_signature(signature(text, (), RULES.text), RULES.text) for text in (one, other)]
        # four standard errors of an estimate from 128 values
        assert abs(sketches[0].jaccard(sketches[1]) - likeness) < 4 * (likeness * (1 - likeness) / 128) ** 0.5


# ------------------------------------------------------------------------------------------------ the whole


def planted() -> list[Digest]:
    """A corpus with everything in it."""
    texts = [read(f"{base.name}.txt", base.text) for base in known()]
    texts += [read(f"{how}.txt", text) for how, text in copies_of(known()[0]).items()]
    texts.append(read("same bytes.txt", known()[1].text))
    texts += [plain("p1", year=2011), plain("p2", year=2011), plain("p3", year=2014)]
    texts += [*series(210, 198, 2250, 231, 205), valued("2021", 5, "人次", year=2021)]
    return texts + [replace(one, year=2009, name=f"peer {one.name}") for one in peers([100.0] * 24 + [90_000], "柳荫县")]


def test_the_order_of_the_digests_is_of_no_account() -> None:
    digests = planted()
    expected = told(*digests)
    assert {one.code for one in expected} >= set(CORPUS_WORDS) - {"not_compared"}
    for seed in range(3):
        Random(seed).shuffle(digests)
        assert told(*digests) == expected


def test_every_finding_is_of_a_code_of_the_rules_and_filled_in() -> None:
    found = told(*planted())
    assert len(set(found)) == len(found)
    for one in found:
        assert one.severity == RULES.findings[one.code].severity  # type: ignore[index]
        assert "{" not in one.message + one.message_en


def test_every_code_is_documented() -> None:
    page = (REPOSITORY / "docs" / "corpus.md").read_text(encoding="utf-8")
    assert [code for code in CORPUS_WORDS if f"| `{code}` |" not in page] == []
    for group in (RULES.text, RULES.numbers, RULES.series, RULES.peers, RULES.scale):
        assert [name for name in type(group).model_fields if f"`{name}`" not in page] == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("bands: 32", "bands: 30"), "`permutations` must be a multiple of `bands`"),
        (("缺少 {missing}", "缺少 {mising}"), "year_gap cannot say mising"),
        (("  year_gap:", "  year_gaps:"), "year_gap"),
        (("likeness: 0.5", "likeness: 1.5"), "less than or equal to 1"),
    ],
)
def test_own_rules_are_checked(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    content = (REPOSITORY / "schemas" / "corpus.yaml").read_text("utf-8")
    assert change[0] in content
    (tmp_path / "corpus.yaml").write_text(content.replace(*change), "utf-8")
    with pytest.raises(CatalogueError, match=message):
        load_catalogue(tmp_path)


def test_own_thresholds_are_used(tmp_path: Path) -> None:
    content = (REPOSITORY / "schemas" / "corpus.yaml").read_text("utf-8")
    (tmp_path / "corpus.yaml").write_text(content.replace("factor: 4 ", "factor: 40 "), "utf-8")
    reports = series(210, 198, 2250, 231, 205)
    assert len(told(*reports)) == 1
    assert list(find(reports, load_catalogue(tmp_path))) == []


# ------------------------------------------------------------------------------------------------ in a batch


def rows(findings: Path) -> list[dict[str, str]]:
    with findings.open(encoding="utf-8-sig", newline="") as stream:
        return [row for row in csv.DictReader(stream) if row["code"] in CORPUS_WORDS]


def test_a_batch_tells_of_copies(tmp_path: Path) -> None:
    base = known()[0]
    folder, output = tmp_path / "reports", tmp_path / "out"
    folder.mkdir()
    (folder / "a.txt").write_text(base.text, encoding="utf-8")
    (folder / "b.txt").write_text(later(base.text, 1), encoding="utf-8")
    (folder / "c.txt").write_text(base.text, encoding="utf-8")
    done = call("batch", folder, "-o", output, "--lang", "en", "--jobs", "1", "--quiet", "--fail-on", "error")
    assert done.returncode == 1, done.stderr.decode()
    found = rows(output / "findings.csv")
    assert [(Path(row["source"]).name, row["code"]) for row in found] == [
        ("c.txt", "duplicate_file"),
        ("b.txt", "copied_from_earlier_year_with_numbers"),
    ]
    assert json.loads((output / "run.json").read_bytes())["findings"]["error"] == 1
    with_record = dict.fromkeys(("start", "end"), "")
    assert with_record.items() <= found[0].items()


def test_a_large_corpus_is_compared_in_a_process_of_its_own_with_the_same_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sketches = tmp_path / "sketches.jsonl"
    sketches.write_text("".join(f"{to_line(one)}\n" for one in planted()), encoding="utf-8")
    here = list(corpus_findings(sketches, CATALOGUE))
    monkeypatch.setattr("extractor.batch.corpus._SMALL", 0)
    assert list(corpus_findings(sketches, CATALOGUE)) == here
    assert len(here) > 10


def test_digests_that_cannot_be_compared_end_no_batch(tmp_path: Path) -> None:
    sketches = tmp_path / "sketches.jsonl"
    sketches.write_text(f"{to_line(plain('a'))}\n{{\n", encoding="utf-8")
    (row,) = corpus_findings(sketches, CATALOGUE)
    assert (row.code, row.severity) == ("not_compared", "error")
    assert "sketches.jsonl:2: is no digest" in row.message_en


def test_a_process_that_ends_before_its_work_ends_no_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    sketches = tmp_path / "sketches.jsonl"
    sketches.write_bytes(b"\xff\xff\n")
    monkeypatch.setattr("extractor.batch.corpus._SMALL", 0)
    (row,) = corpus_findings(sketches, CATALOGUE)
    assert (row.code, row.severity) == ("not_compared", "error")
    assert "the process ended with 1" in row.message_en
    assert "UnicodeDecodeError" in capfd.readouterr().err


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_row_of_a_corpus_finding_fits_the_table(language: Language) -> None:
    found = told(plain("a"), plain("b"))[0]
    row = dict(zip(columns("findings", CATALOGUE, "en"), corpus_row(found, language), strict=True))
    said = {name: cell for name, cell in row.items() if cell not in (None, ())}
    message = found.message if language == "zh" else found.message_en
    assert said == {"source": found.file, "code": found.code, "severity": found.severity, "message": message}


# ------------------------------------------------------------------------------------------------ the command


def test_the_command_takes_records_digests_and_the_folder_of_a_batch(tmp_path: Path) -> None:
    base = known()[0]
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "a.txt").write_text(base.text, encoding="utf-8")
    (folder / "b.txt").write_text(later(base.text, 1), encoding="utf-8")
    call("extract", folder, "--with-text", "-o", tmp_path / "records.jsonl")
    call("batch", folder, "-o", tmp_path / "out", "--jobs", "1", "--quiet")
    of_records = call("corpus", tmp_path / "records.jsonl", "-f", "jsonl")
    assert [json.loads(line)["code"] for line in of_records.stdout.splitlines()] == ["copied_from_earlier_year_with_numbers"]
    assert (of_records.returncode, of_records.stderr) == (0, b"")
    for place in (tmp_path / "out", tmp_path / "out" / ".batch" / "sketches.jsonl"):
        assert call("corpus", place, "-f", "jsonl").stdout == of_records.stdout
    table = call("corpus", tmp_path / "out", "-f", "csv", "--lang", "en").stdout.decode().splitlines()
    assert table[0] == "file,code,severity,message,indicators"
    assert "Text and numbers are nearly those of this place's report" in table[1]
    assert "copied_from" in call("corpus", tmp_path / "out").stdout.decode()


def test_records_without_their_text_are_compared_by_their_values_only(tmp_path: Path) -> None:
    base = known()[0]
    for year in (0, 2):
        (tmp_path / f"{year}.txt").write_text(later(base.text, year), encoding="utf-8")
    call("extract", tmp_path / "0.txt", tmp_path / "2.txt", "-o", tmp_path / "records.jsonl")
    done = call("corpus", tmp_path / "records.jsonl", "-f", "jsonl")
    assert [json.loads(line)["code"] for line in done.stdout.splitlines()] == ["year_gap"]
    assert b"2 records hold no text" in done.stderr


@pytest.mark.parametrize(
    ("content", "code", "message"),
    [
        (b"{}\n", 3, "x.jsonl:1: is no digest of a report"),
        (b'{"schema_version": "0.1"}\n', 3, "x.jsonl:1: is no record of this version"),
        (b"\xff\xfe", 3, "x.jsonl: is no text in UTF-8"),
        (None, 3, "x.jsonl: cannot be read"),
    ],
)
def test_what_is_neither_records_nor_digests_is_told_of(tmp_path: Path, content: bytes | None, code: int, message: str) -> None:
    if content is not None:
        (tmp_path / "x.jsonl").write_bytes(content)
    done = call("corpus", tmp_path / "x.jsonl")
    assert (done.returncode, message in done.stderr.decode()) == (code, True), done.stderr
    assert call("corpus", tmp_path).returncode == 2
