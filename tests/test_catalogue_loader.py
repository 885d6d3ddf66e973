"""Own rules laid over the built-in ones: what is accepted, what each mistake is told as, and what is remembered."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from extractor import extract, load_catalogue
from extractor.catalogue import Catalogue
from extractor.catalogue.files import ENVIRONMENT, builtin_folder
from extractor.catalogue.loader import read_yaml
from extractor.catalogue.memory import recall_catalogue
from extractor.errors import CatalogueError
from extractor.keeping import keep
from extractor.pipeline import Extractor, document_of

INDICATOR = """indicators:
  - code: publicity.lantern_riddles
    label: {zh: '法治灯谜', en: 'Law riddles'}
    definition: {zh: '法治灯谜会上猜谜的条数。', en: 'Riddles about the law that were put.'}
    unit: printed
    aggregate: sum
    cues:
      - {own: ['法治灯谜|灯谜'], weight: 20}
    mention: ['法治灯谜']
    examples:
      match: ['元宵节现场悬挂法治灯谜【300条】。', '猜法治灯谜【120条】。', '共制作灯谜【86条】供群众竞猜。']
      not: ['发放宣传册【300本】。', '清理横幅【12条】。', '提出意见建议【9条】。']
"""
TEXT = "元宵节期间，全镇悬挂法治灯谜128条，调解矛盾纠纷57起。"

Own = Callable[..., Path]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place of our own for compiled rules."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    return tmp_path / "cache" / "extractor"


@pytest.fixture(scope="module")
def builtin() -> Catalogue:
    return load_catalogue(builtin_folder())


@pytest.fixture
def own(tmp_path: Path) -> Own:
    def write(content: str | bytes = INDICATOR, name: str = "indicators/own.yaml") -> Path:
        path = tmp_path / "own" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return tmp_path / "own"

    return write


@pytest.fixture
def alone(own: Own) -> Path:
    """A folder with a catalogue of its own and one indicator: quickly compiled."""
    for path in builtin_folder().glob("*.yaml"):
        own(path.read_bytes(), path.name)
    own(_without_codes((builtin_folder() / "checks.yaml").read_text("utf-8")), "checks.yaml")
    return own()


@lru_cache
def _without_codes(checks: str) -> str:
    """The rules of findings without those that name indicators."""
    rules = yaml.load(checks, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    rules |= {"rates": [], "plausible": []}
    rules["orders"]["rules"], rules["zeros"]["codes"], rules["single"]["rules"] = [], [], []
    return yaml.dump(rules, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), allow_unicode=True, width=1000)


def _problems(folder: Path) -> list[str]:
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(folder)
    assert str(caught.value) == "\n".join(caught.value.problems)
    assert caught.value.exit_code == 2
    return caught.value.problems


def _line(content: str, piece: str) -> int:
    """The number of the line that a piece stands in."""
    return content[: content.index(piece)].count("\n") + 1


def _record(catalogue: Catalogue) -> str:
    return Extractor(catalogue).extract(document_of(TEXT)).model_dump_json(indent=1)


# ------------------------------------------------------------------------------------------------ rules that are right


def test_one_entry_makes_an_indicator(own: Own, builtin: Catalogue) -> None:
    assert "publicity.lantern_riddles" not in builtin.codes
    assert [i.code for i in extract(TEXT).indicators if i.text == "128条"] == [None]
    record = extract(TEXT, own())
    riddles = next(indicator for indicator in record.indicators if indicator.text == "128条")
    assert (riddles.code, riddles.label, riddles.value, riddles.unit) == ("publicity.lantern_riddles", "法治灯谜", 128, "条")
    assert record.summary["publicity.lantern_riddles"].state == "reported"
    assert record.summary["publicity.lantern_riddles"].value == 128
    assert record.summary["mediation.disputes_mediated"].value == 57, "the built-in rules still hold"
    silent = extract("全镇发放法治灯谜，效果很好。", own())
    assert silent.summary["publicity.lantern_riddles"].state == "mentioned"


def test_an_entry_with_a_built_in_code_takes_its_place(own: Own, builtin: Catalogue) -> None:
    code = "litigation.loss_cases"
    catalogue = load_catalogue(own(INDICATOR.replace("publicity.lantern_riddles", code)))
    assert catalogue.codes == builtin.codes, "no code is added, and the order of columns stays"
    assert next(rule for rule in catalogue.indicators if rule.code == code).label.zh == "法治灯谜"
    record = Extractor(catalogue).extract(document_of(TEXT))
    assert [i.code for i in record.indicators if i.text == "128条"] == [code]


def test_a_file_of_the_same_name_takes_the_place_of_the_built_in_one(own: Own, builtin: Catalogue) -> None:
    content = (builtin_folder() / "checks.yaml").read_text("utf-8")
    catalogue = load_catalogue(own(content.replace("zh: '", "zh: '（本所）"), "checks.yaml"))
    assert {finding.zh[:4] for finding in catalogue.checks.findings.values()} == {"（本所）"}
    assert catalogue.codes == builtin.codes


def test_a_folder_with_a_catalogue_of_its_own_stands_by_itself(alone: Path) -> None:
    assert load_catalogue(alone).codes == ("publicity.lantern_riddles",)


def test_the_environment_names_a_folder(own: Own, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(ENVIRONMENT, str(own()))
    assert "publicity.lantern_riddles" in load_catalogue().codes
    monkeypatch.setenv(ENVIRONMENT, "")
    assert "publicity.lantern_riddles" not in load_catalogue().codes
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path / "none"))
    assert "publicity.lantern_riddles" in load_catalogue(tmp_path / "own").codes, "what is named in the call comes first"


@pytest.mark.xfail(strict=True, reason="compiled stages are kept by the folder's name, so a rule changed in it is not noticed")
def test_a_rule_changed_while_the_program_runs_holds_from_then_on(own: Own) -> None:
    folder = own()
    extract(TEXT, folder)
    own(INDICATOR.replace("lantern_riddles", "riddles"))
    assert "publicity.riddles" in extract(TEXT, folder).summary


# ------------------------------------------------------------------------------------------------ what is remembered


def test_remembered_rules_give_the_same_record(alone: Path, cache: Path) -> None:
    folder = alone
    fresh = _record(load_catalogue(folder))
    assert not cache.exists(), "only what is recalled is remembered"
    first = recall_catalogue(folder)
    (memory,) = cache.iterdir()
    second = recall_catalogue(str(folder))
    assert _record(first) == _record(second) == fresh
    assert list(cache.iterdir()) == [memory]
    assert second.codes == first.codes


def test_changed_rules_are_not_the_remembered_ones(own: Own, alone: Path, cache: Path) -> None:
    recall_catalogue(alone)
    own(INDICATOR.replace("lantern_riddles", "riddles"))
    assert recall_catalogue(alone).codes == ("publicity.riddles",)
    assert len(list(cache.iterdir())) == 2


def test_damaged_memory_is_ignored_and_mended(alone: Path, cache: Path) -> None:
    expected = _record(recall_catalogue(alone))
    (memory,) = cache.iterdir()
    whole = memory.read_bytes()
    for damage in (b"", b"null", b"\xff\xfe\x00", whole[:-1], whole + b" ", whole[:200] + b"x" + whole[201:]):
        assert damage != whole
        memory.write_bytes(damage)
        recall_catalogue(alone)
        assert memory.read_bytes() == whole, damage[:20]
        assert list(cache.iterdir()) == [memory], "nothing else is left there"
    assert _record(recall_catalogue(alone)) == expected


@pytest.mark.parametrize("kept", [None, 7, SimpleNamespace(), SimpleNamespace(fingerprint="x"), {"fingerprint": "x"}])
def test_memory_of_something_else_is_ignored(alone: Path, cache: Path, kept: object) -> None:
    codes = recall_catalogue(alone).codes
    (memory,) = cache.iterdir()
    keep(memory.name, kept)
    assert recall_catalogue(alone).codes == codes


def test_without_a_place_to_remember_the_rules_are_compiled(
    builtin: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    occupied = tmp_path / "occupied"
    occupied.write_text("a file where the folder should be", encoding="utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(occupied))
    assert recall_catalogue().codes == builtin.codes
    assert occupied.read_text("utf-8") == "a file where the folder should be"


def test_without_a_home_the_rules_are_compiled(builtin: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless(_: type[Path]) -> Path:
        raise RuntimeError("Could not determine home directory.")

    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", classmethod(homeless))
    assert recall_catalogue().codes == builtin.codes


# ------------------------------------------------------------------------------------------------ rules that are wrong

# a piece of the right entry, what stands in its place, and what the problem must say; `place` is where it must point
MISTAKES = {
    "unknown key": ("aggregate: sum", "agregate: sum", ["agregate", "did you mean 'aggregate'?"], "agregate"),
    "missing key": ("    unit: printed\n", "", ["unit", "required"], "  - code"),
    "unknown key in a cue": ("own: ['法治灯谜|灯谜']", "onw: ['灯谜']", ["onw", "did you mean 'own'?"], "onw"),
    "unknown word of a choice": ("aggregate: sum", "aggregate: mean", ["aggregate", "'sum'"], "aggregate: mean"),
    "bad code": ("publicity.lantern_riddles", "lantern riddles", ["code", "pattern"], "code: lantern riddles"),
    "text in the place of a list": ("mention: ['法治灯谜']", "mention: '法治灯谜'", ["mention", "tuple"], "mention: "),
    "too few examples": (
        "'猜法治灯谜【120条】。', '共制作灯谜【86条】供群众竞猜。'",
        "",
        ["examples.match", "at least 3"],
        "match:",
    ),
    "too few counter-examples": (", '提出意见建议【9条】。'", "", ["examples.not", "at least 3"], "not:"),
    "example without marks": ("【12条】", "12条", ["【】", "清理横幅12条"], "match:"),
    "example with two marks": ("清理横幅【12条】", "清理【3处】横幅【12条】", ["【】"], "match:"),
    "example with nothing marked": ("【12条】", "【】12条", ["【】"], "match:"),
    "example with marks the wrong way": ("【12条】", "】12条【", ["【】"], "match:"),
}


@pytest.mark.parametrize(("right", "wrong", "words", "place"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_with_file_line_and_word(own: Own, right: str, wrong: str, words: list[str], place: str) -> None:
    assert right in INDICATOR
    content = INDICATOR.replace(right, wrong)
    folder = own(content)
    found = [p for p in _problems(folder) if all(word in p for word in words)]
    assert len(found) == 1
    assert found[0].startswith(f"{folder / 'indicators' / 'own.yaml'}:{_line(content, place)}: ")


REFERENCES = {
    "family": ("unit: printed", "unit: printd", "no unit family 'printd'; did you mean 'printed'?"),
    "concept": ("own: ['法治灯谜|灯谜']", "own: [inspct]", "no concept 'inspct'; did you mean 'inspect'?"),
    "after": (
        "weight: 20",
        "after: ['enforcement.inspection']",
        "no code 'enforcement.inspection'; did you mean 'enforcement.inspections'?",
    ),
    "unless_after": ("weight: 20", "unless_after: ['nothing.*']", "no code 'nothing.*'"),
    "only": ("aggregate: sum", "aggregate: sum\n    only: ['砣']", "no measure word '砣'"),
    "cue_unit": ("weight: 20", "unit: ['砣']", "no measure word '砣'"),
}


def test_names_that_point_nowhere_are_told_with_line_code_and_the_nearest_name(own: Own) -> None:
    head, _, entry = INDICATOR.partition("\n")
    content = head
    expected = []
    for name, (right, wrong, words) in REFERENCES.items():
        assert right in entry
        content += "\n" + entry.replace(right, wrong).replace("lantern_riddles", name).rstrip("\n")
        expected.append(f"{_line(content, f'publicity.{name}')}: publicity.{name}: {words}")
    folder = own(content)
    assert _problems(folder) == [f"{folder / 'indicators' / 'own.yaml'}:{problem}" for problem in expected]


# What is made of it, the words of the problem, and what stands in the line that it names.
FORM = [
    ("severity: error", "severity: grave", "findings.parts_exceed_total.severity: Input should be", "severity: grave"),
    ("pattern: '（略）|", "pattern: '（略(）|", "placeholders.3.pattern: Value error, the pattern does not compile", "（略("),
    ("near_percent: 5", "near_percent: 5\n  near_percents: 5", "parts.near_percents: Extra inputs are not", "near_percents: 5"),
    ("【52件，其中", "【52件】，【其中", "needs one span in 【】", "found:"),
    (
        "比率写作 {rate}，",
        "比率写作 {}，",
        "what stands in {} of a message must be one of its words",
        "severity:",
    ),
    (
        "- rate: petition.resolution_rate",
        "- names: ['x']\n    rate: petition.resolution_rate",
        "needs `rate` or",
        "names: ['x']",
    ),
]
POINTERS = [
    ("finding: lost_above_cases", "finding: lost_above_case", "orders.rules.5: no finding 'lost_above_case'; did you", "_case"),
    ("  truncated:\n", "  trunkated:\n", "findings: no finding 'truncated'; did you mean 'trunkated'?", "replaced_characters:"),
    (
        "合计 {sum}，超过",
        "合计 {summe}，超过",
        "the message of parts_exceed_total has no word 'summe'; it knows",
        "severity: error",
    ),
    ("rate: mediation.success_rate", "rate: mediation.sucess_rate", "rates.0: no code 'mediation.sucess_rate'; did", "sucess"),
    ("    - litigation.lawsuit_cases", "    - litigation.lawsuits", "zeros.codes.1: no code 'litigation.lawsuits'", "lawsuits"),
    ("code: profile.area, names", "code: profile.aera, names", "single.rules.0: no code 'profile.aera'; did you mean", "aera"),
    ("code: profile.villages, units", "code: profile.vilages, units", "plausible.2: no code 'profile.vilages'", "vilages"),
    ("['平方公里', '平方千米'], township", "['方里'], township", "plausible.1: no measure word '方里'", "方里"),
]


@pytest.mark.parametrize("mistakes", [FORM, POINTERS], ids=["form", "pointers"])
def test_mistakes_in_the_rules_of_findings_are_told_with_file_and_line(own: Own, mistakes: list[tuple[str, ...]]) -> None:
    content = (builtin_folder() / "checks.yaml").read_text("utf-8")
    for right, wrong, *_ in mistakes:
        assert right in content
        content = content.replace(right, wrong, 1)
    folder = own(content, "checks.yaml")
    problems = _problems(folder)
    for _, _, words, place in mistakes:
        (problem,) = [problem for problem in problems if words in problem]
        file, line, *_ = problem.split(":")
        assert file == str(folder / "checks.yaml")
        assert place in content.split("\n")[int(line) - 1]
    assert len(problems) == len(mistakes)


def test_a_key_that_stands_twice(own: Own) -> None:
    content = INDICATOR.replace("    unit: printed\n", "    unit: printed\n    unit: cases\n")
    folder = own(content)
    assert _problems(folder) == [
        f"{folder / 'indicators' / 'own.yaml'}:{_line(content, 'unit: cases')}: the key 'unit' stands twice; keep one"
    ]


def test_a_code_that_stands_twice(own: Own) -> None:
    entry = INDICATOR.partition("\n")[2]
    content = INDICATOR + entry.replace("法治灯谜", "法治谜语")
    file = own(content) / "indicators" / "own.yaml"
    first = _line(content, entry)
    assert _problems(file.parents[1]) == [
        f"{file}:{first + entry.count(chr(10))}: the code publicity.lantern_riddles stands in {file}:{first} too; keep one"
    ]


def test_a_code_in_two_own_files(own: Own) -> None:
    own(INDICATOR, "indicators/a.yaml")
    folder = own(INDICATOR.replace("法治灯谜", "法治谜语"), "indicators/b.yaml") / "indicators"
    assert _problems(folder.parent) == [
        f"{folder / 'b.yaml'}:2: the code publicity.lantern_riddles stands in {folder / 'a.yaml'}:2 too; keep one"
    ]


def test_a_pattern_that_does_not_compile(own: Own) -> None:
    builtin = (builtin_folder() / "sections.yaml").read_text("utf-8")
    right = "  turn: "
    assert builtin.count(right) == 1
    content = "\n".join(f"{right}'下一步(?:打算'" if line.startswith(right) else line for line in builtin.split("\n"))
    folder = own(content, "sections.yaml")
    (problem,) = _problems(folder)
    assert problem.startswith(f"{folder / 'sections.yaml'}:{_line(content, right)}: combined.turn: ")
    assert "does not compile" in problem


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("indicators: ['法治灯谜\n".encode(), ":2: "),
        (b"indicators:\n\t- code: x\n", ":2: "),
        ("indicators: []\n# 法治灯谜\n".encode("gb18030"), "is not UTF-8"),
        ("indicators: []\n".encode("utf-16"), "is not UTF-8"),
        (b"", "indicators"),
        (b"- just\n- a list\n", "own.yaml:1: "),
        (b"indicators: 7\n", "indicators"),
        pytest.param(
            b"indicators: &a []\nmore: *b\n",
            "own.yaml:2: ",
            id="alias of nothing",
        ),
    ],
)
def test_a_file_that_is_no_rule_file(own: Own, content: bytes, words: str) -> None:
    folder = own(content)
    problems = _problems(folder)
    assert len(problems) >= 1
    assert all(problem.startswith(f"{folder / 'indicators' / 'own.yaml'}:") for problem in problems)
    assert words in problems[0]


def test_all_mistakes_are_told_at_once(own: Own) -> None:
    own(INDICATOR.replace("aggregate", "agregate"), "indicators/a.yaml")
    own("indicators: [\n", "indicators/b.yaml")
    folder = own("lihgt: []\n", "discourse.yaml")
    problems = _problems(folder)
    assert {Path(problem.split(":")[0]).name for problem in problems} == {"a.yaml", "b.yaml", "discourse.yaml"}
    assert all("\n" not in problem for problem in problems)


def test_a_folder_that_is_not_there_or_holds_nothing(tmp_path: Path) -> None:
    (missing,) = _problems(tmp_path / "none")
    assert missing.startswith(f"{tmp_path / 'none'}: no such folder; ")
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "notes.txt").write_text("x", encoding="utf-8")
    (empty,) = _problems(bare)
    assert empty.startswith(f"{bare}: holds no rule files; ")
    (file,) = _problems(bare / "notes.txt")
    assert file.startswith(f"{bare / 'notes.txt'}: no such folder; ")


def test_a_rule_file_with_a_mistaken_name(own: Own) -> None:
    own()
    folder = own("light: []\n", "discorse.yaml")
    own("light: []\n", "zzz.yaml")
    assert _problems(folder) == [
        f"{folder / 'discorse.yaml'}: is no rule file; did you mean 'discourse.yaml'?",
        f"{folder / 'zzz.yaml'}: is no rule file; indicators go into indicators/",
    ]


# ------------------------------------------------------------------------------------------------ strict YAML


def test_scalars_are_what_they_look_like() -> None:
    content = b"a: no\nb: 12:30\nc: 010\nd: 10\ne: 1.5\nf: true\ng: '10'\nh: ~\ni: 1e3\nj: -2\nk: .5\nl: 2023-01-02\nm: Yes\n"
    data, lines, problems = read_yaml(Path("x.yaml"), content)
    assert data == {
        "a": "no",
        "b": "12:30",
        "c": "010",
        "d": 10,
        "e": 1.5,
        "f": True,
        "g": "10",
        "h": None,
        "i": 1000.0,
        "j": -2,
        "k": ".5",
        "l": "2023-01-02",
        "m": "Yes",
    }
    assert (lines[("a",)], lines[("m",)], problems) == (1, 13, [])
