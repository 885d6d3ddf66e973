"""`extractor catalogue`, its generated page, and the rules' README run as it is printed."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from typer.testing import CliRunner

from extractor.catalogue.examples import Checked, examples_of, run_examples
from extractor.catalogue.files import PARTS
from extractor.catalogue.loader import load_catalogue
from extractor.catalogue.models import Cue
from extractor.cli import application
from extractor.discovery import Discovery
from extractor.errors import CatalogueError, UsageError
from extractor.explaining import Explainer, rule_of
from extractor.pipeline import Extractor, document_of
from extractor.writing.catalogue import write_list
from tests.conftest import REPOSITORY
from tests.stages import CATALOGUE

README = (REPOSITORY / "schemas" / "README.md").read_text(encoding="utf-8")

INDICATOR = """\
indicators:
  - code: ponds.fish_released
    label: {zh: '放流鱼苗', en: 'Fish released'}
    definition: {zh: '放流鱼苗的尾数。', en: 'Young fish released.'}
    unit: bodies
    only: ['尾']
    aggregate: sum
    cues:
      - {own: ['放流', '鱼苗']}
    mention: ['鱼苗']
    examples:
      match:
        - '在红石塘放流鱼苗【3000尾】。'
        - '放流鱼苗【近千尾】，修复水域生态。'
        - '春季放流鲢鳙鱼苗【五百尾】。'
      not:
        - '放流鱼苗3000尾，组织志愿者【20人】。'
        - '查扣鱼苗【60尾】。'
        - '放流鱼苗3000尾，投入【2万元】。'
"""


def run(*arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of the command, in this process."""
    result = CliRunner().invoke(application(), ["catalogue", *arguments])
    if isinstance(result.exception, CatalogueError | UsageError):
        return result.exception.exit_code, result.stdout, str(result.exception)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def folder_with(tmp_path: Path, text: str, name: str = "ponds.yaml") -> Path:
    """A folder of own rules with one indicator file."""
    indicators = tmp_path / "rules" / "indicators"
    indicators.mkdir(parents=True, exist_ok=True)
    (indicators / name).write_text(text, encoding="utf-8")
    return tmp_path / "rules"


def own_examples(folder: Path, group: str) -> Checked:
    """What came of the examples of one group of codes, run with the built-in rules beside them."""
    rules = load_catalogue(folder)
    stages = Extractor(rules)
    own = [example for rule in rules.indicators if rule.code.startswith(group) for example in examples_of(rule)]
    return run_examples(rules, lambda text: stages.extract(document_of(text)), only=own)


@pytest.fixture(scope="module")
def printed() -> str:
    """The catalogue as Markdown."""
    code, printed, _ = run("list", "-f", "markdown")
    assert code == 0
    return printed


def test_page_is_current(printed: str) -> None:
    """docs/catalogue.md is what the rules say now."""
    assert (REPOSITORY / "docs" / "catalogue.md").read_text(encoding="utf-8") == printed, (
        "docs/catalogue.md is not current; run: extractor catalogue list -f markdown > docs/catalogue.md"
    )


def test_markdown_has_one_row_of_six_cells_for_each_code(printed: str) -> None:
    rows = [line for line in printed.splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == [
        rule.code
        for group in dict.fromkeys(c.partition(".")[0] for c in CATALOGUE.codes)
        for rule in CATALOGUE.indicators
        if rule.code.partition(".")[0] == group
    ]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {7}


def test_list_gives_labels_units_and_aggregation() -> None:
    listed = {entry["code"]: entry for entry in json.loads(run("list", "-f", "json")[1])["indicators"]}
    assert tuple(listed) == CATALOGUE.codes
    rate = listed["mediation.success_rate"]
    assert (rate["label"]["zh"], rate["aggregate"]) == ("调解成功率", "last")
    assert "%" in rate["units"]
    stream = io.StringIO()
    write_list(CATALOGUE, stream)
    assert "mediation.success_rate" in stream.getvalue()


def test_show_gives_definition_cues_examples_and_rivals() -> None:
    code, printed, _ = run("show", "mediation.success_rate")
    rule = next(rule for rule in CATALOGUE.indicators if rule.code == "mediation.success_rate")
    assert code == 0
    assert rule.definition.zh in printed
    assert all(sentence in printed for sentence in (*rule.examples.match, *rule.examples.not_))
    shown = json.loads(run("show", "mediation.success_rate", "-f", "json")[1])
    assert len(shown["cues"]) == len(rule.cues)
    assert shown["cues"][1]["own"] == list(rule.cues[1].own)
    rivals = {rival["code"]: rival for rival in shown["competes_with"]}
    assert rivals["mediation.mediation_rate"]["wins"], "it wins 调解率为【100%】"
    line = (REPOSITORY / "schemas" / "indicators" / shown["file"]).read_text(encoding="utf-8").splitlines()[shown["line"] - 1]
    assert "mediation.success_rate" in line


def test_show_unknown_code_ends_with_2() -> None:
    code, printed, message = run("show", "mediation.sucess_rate")
    assert (code, printed) == (2, "")
    assert "did you mean 'mediation.success_rate'" in message


@pytest.mark.parametrize(
    ("asked", "said"), [("调解率", "did you mean 'mediation.mediation_rate'"), ("鱼", "extractor catalogue list")]
)
def test_unknown_code_hints_at_the_label_or_the_list(asked: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        rule_of(CATALOGUE, asked)


WRONG = (
    INDICATOR.replace("查扣鱼苗【60尾】", "再放流鱼苗【60尾】")
    .replace("放流鱼苗【近千尾】", "补放虾苗【近千尾】")
    .replace("放流鲢鳙鱼苗【五百尾】", "放流鲢鳙鱼苗五百尾，【第二批】随后")
    .replace("own: ['放流', '鱼苗']}", "own: ['放流', '鱼苗']}\n      - {own: [written_agreement], unit: ['份'], weight: 50}")
)
SECOND = (
    INDICATOR.replace("ponds.fish_released", "ponds.fish_stocked")
    .replace("鱼苗']}", "鱼苗'], weight: -1}")
    .removeprefix("indicators:\n")
)


class Ran(NamedTuple):
    """One run of `check` on rules with several things wrong."""

    file: Path
    code: int
    lines: list[str]
    warned: str


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    folder = folder_with(tmp_path_factory.mktemp("wrong"), WRONG + SECOND)
    code, printed, warned = run("check", str(folder))
    return Ran(folder / "indicators" / "ponds.yaml", code, printed.splitlines(), warned)


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("再放流鱼苗【60尾】。", "should not give ponds.fish_released; got ponds.fish_released"),
        ("补放虾苗【近千尾】，修复水域生态。", "should give ponds.fish_released; got no code"),
        (
            "春季放流鲢鳙鱼苗五百尾，【第二批】随后。",
            "should give ponds.fish_released; got no quantity at these words (quantities of the sentence: 五百尾)",
        ),
    ],
)
def test_check_names_file_and_line_of_what_fails(wrong: Ran, sentence: str, said: str) -> None:
    number = next(n for n, line in enumerate(WRONG.splitlines(), 1) if sentence in line)
    assert any(line.startswith(f"{wrong.file}:{number}: {sentence} {said}") for line in wrong.lines), wrong.lines


def test_check_lists_builtin_examples_that_own_rules_break(wrong: Ran) -> None:
    broken = [line for line in wrong.lines if "got ponds.fish_released" in line and "mediation.yaml" in line]
    assert any("should give mediation.written_agreements" in line for line in broken)


def test_check_counts_what_does_not_hold(wrong: Ran) -> None:
    assert wrong.code == 1
    assert wrong.lines[-1].startswith(
        f"{len(CATALOGUE.codes) + 2} indicators and {len(CATALOGUE.checks.findings)} findings: {len(wrong.lines) - 1} of "
    )


def test_check_warns_of_two_claims_to_one_number(wrong: Ran) -> None:
    assert (
        "ponds.fish_released and ponds.fish_stocked claim the same number of one example: 在红石塘放流鱼苗3000尾。"
        in wrong.warned
    )
    assert wrong.warned.count("claim the same number") == 1, "the other two sentences were changed in one of them"


def test_two_names_that_share_a_rate_may_both_claim_it(tmp_path: Path) -> None:
    """参考率、合格率均达100% is a number of each: no contradiction, no warning."""
    rate = """\
indicators:
  - code: ponds.{name}
    label: {{zh: '{word}', en: '{name}'}}
    definition: {{zh: '{word}。', en: '{name}.'}}
    unit: rates
    aggregate: last
    cues: [{{own: ['{word}'], weight: 20}}]
    examples:
      match: ['鱼苗放流率、鱼苗存塘率均达【98%】。', '{word}【97%】。', '{word}达【96%】。']
      not: ['换水【3次】。', '放水【2次】。', '蓄水【4次】。']
"""
    text = rate.format(name="released_rate", word="鱼苗放流率")
    text += rate.format(name="stocked_rate", word="鱼苗存塘率").removeprefix("indicators:\n")
    checked = own_examples(folder_with(tmp_path, text), "ponds.")
    assert (checked.examples, checked.failures, checked.claims) == (12, (), ())


def test_check_of_wrong_rules_ends_with_2(tmp_path: Path) -> None:
    wrong = INDICATOR.replace("aggregate: sum", "agregate: sum")
    code, _, message = run("check", str(folder_with(tmp_path, wrong)))
    line = next(n for n, text in enumerate(wrong.splitlines(), 1) if "agregate" in text)
    assert code == 2
    assert f"ponds.yaml:{line}" in message
    assert "did you mean 'aggregate'" in message
    assert run("check", str(tmp_path / "nowhere"))[0] == 2


def test_check_of_the_builtin_rules_points_at_their_files() -> None:
    code, printed, _ = run("check")
    *failed, last = printed.splitlines()
    assert code == (1 if failed else 0)
    count = sum(len(rule.examples.match) + len(rule.examples.not_) for rule in CATALOGUE.indicators)
    assert last.startswith(f"{len(CATALOGUE.codes)} indicators and {len(CATALOGUE.checks.findings)} findings: ")
    examples = re.search(r" (\d+) examples ", last)
    assert examples
    assert int(examples[1]) > count
    for line in failed:
        file, number, rest = re.split(r":(\d+): ", line, maxsplit=1)
        sentence = rest.rpartition(" should ")[0]
        assert sentence in Path(file).read_text(encoding="utf-8").splitlines()[int(number) - 1].replace("''", "'")


def test_new_prints_rules_that_hold_as_they_stand(tmp_path: Path) -> None:
    code, printed, _ = run("new", "ponds.fish_released")
    assert code == 0
    assert [entry["code"] for entry in yaml.safe_load(printed)["indicators"]] == ["ponds.fish_released"]
    checked = own_examples(folder_with(tmp_path, printed), "ponds.")
    assert (checked.examples, checked.failures) == (6, ())


@pytest.mark.parametrize("bad", ["Ponds.fish", "ponds", "ponds.fish released", "鱼苗.放流", "ponds.fish\n"])
def test_new_refuses_what_is_no_code(bad: str) -> None:
    code, printed, message = run("new", bad)
    assert (code, printed) == (2, "")
    assert "group.name" in message


def test_new_warns_of_a_builtin_code() -> None:
    code, printed, warned = run("new", "mediation.mediators")
    assert (code, bool(printed)) == (0, True)
    assert "takes its place" in warned


REPORTS = {
    "a.txt": "乡里在红石塘放流鱼苗3000尾。又放流鱼苗200尾。明年计划放流鱼苗900尾。",
    "b.txt": "乡里在青草湖放流鱼苗50尾，调解矛盾纠纷7起。",
}


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "reports"
    folder.mkdir()
    for name, text in REPORTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_discover_groups_what_has_no_code(corpus: Path) -> None:
    code, printed, _ = run("discover", str(corpus), "-f", "json")
    groups = json.loads(printed)
    fish = groups[0]
    assert code == 0
    assert (fish["head"], fish["unit"], fish["count"], fish["reports"], fish["known"]) == ("鱼苗", "尾", 3, 2, None)
    assert fish["samples"] == [
        "乡里在红石塘放流鱼苗【3000尾】。",
        "又放流鱼苗【200尾】。",
        "乡里在青草湖放流鱼苗【50尾】，调解矛盾纠纷7起。",
    ]
    assert all("起】" not in sample for group in groups for sample in group["samples"]), "what has a code is left out"
    assert all("900尾】" not in sample for group in groups for sample in group["samples"]), "plans are left out"


def test_discover_finds_nothing_once_the_indicator_is_there(corpus: Path, tmp_path: Path) -> None:
    groups = json.loads(run("discover", str(corpus), "-f", "json", "--catalogue", str(folder_with(tmp_path, INDICATOR)))[1])
    assert [group for group in groups if group["unit"] == "尾"] == []


def test_discover_samples_are_at_most_three_and_groups_in_order() -> None:
    stages, discovery = Extractor(CATALOGUE), Discovery(CATALOGUE)
    text = "".join(f"第{n}塘放流鱼苗{n}0尾。" for n in range(1, 7)) + "购置水泵2台。"
    discovery.add("a", stages.read(text))
    groups = discovery.groups()
    assert [group.count for group in groups] == sorted((group.count for group in groups), reverse=True)
    assert all(1 <= len(group.samples) <= 3 for group in groups)
    assert all(sample.count("【") == 1 for group in groups for sample in group.samples)
    assert [group.unit for group in discovery.groups(least=2)] == ["尾"]


def test_discover_as_csv_and_table(corpus: Path, tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(run("discover", str(corpus), "-f", "csv")[1])))
    assert (rows[0]["head"], rows[0]["unit"], rows[0]["count"]) == ("鱼苗", "尾", "3")
    assert "【3000尾】" in run("discover", str(corpus))[1]
    target = tmp_path / "found.csv"
    run("discover", str(corpus), "-f", "csv", "-o", str(target))
    assert target.read_bytes().startswith(b"\xef\xbb\xbfcount,"), "spreadsheets need the mark"


def test_discover_tells_of_unreadable_reports_and_counts_the_others(corpus: Path) -> None:
    (corpus / "empty.txt").write_bytes(b"")
    code, printed, warned = run("discover", str(corpus), "-f", "json")
    assert code == 3
    assert "empty.txt" in warned
    assert json.loads(printed)[0]["count"] == 3


# --- schemas/README.md


def blocks(language: str) -> list[str]:
    """The fenced blocks of a language in the README."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.M | re.S)


def as_pattern(printed: str) -> str:
    """What is printed, with `...` for anything."""
    return re.escape(printed).replace(re.escape("..."), ".*")


def test_readme_example_runs_as_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files of the worked example, written as printed; its commands, run as printed; their output, as printed."""
    (rules,), (report,) = blocks("yaml"), blocks("text")
    assert "`my-rules/indicators/greening.yaml`" in README
    assert "`report.txt`" in README
    (tmp_path / "my-rules" / "indicators").mkdir(parents=True)
    (tmp_path / "my-rules" / "indicators" / "greening.yaml").write_text(rules, encoding="utf-8")
    (tmp_path / "report.txt").write_text(report, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    consoles = blocks("console")
    assert len(consoles) == 4
    for block in consoles:
        command, _, printed = block.partition("\n")
        program, *arguments = shlex.split(command.removeprefix("$ "))
        assert program == "extractor"
        result = CliRunner().invoke(application(), arguments)
        assert (result.exit_code, result.stderr) == (0, ""), command
        assert re.fullmatch(as_pattern(printed), result.stdout, flags=re.S), f"{command}\n{result.stdout}"


def test_readme_commands_exist() -> None:
    """Every command that the README names is one."""
    names = set(re.findall(r"(?:`|\$ )extractor ((?:catalogue )?[a-z]+)", README))
    assert {"catalogue discover", "catalogue new", "catalogue check", "catalogue show", "explain", "extract"} <= names
    for name in names:
        assert CliRunner().invoke(application(), [*name.split(), "--help"]).exit_code == 0, name


def test_readme_names_every_rule_file_and_every_key_of_a_cue() -> None:
    assert all(f"| `{name}` |" in README for name in PARTS.values())
    assert all(f"| `{field.alias or name}` |" in README for name, field in Cue.model_fields.items())


POND = """\
indicators:
  - code: ponds.fish_released
    label: {zh: '放流鱼苗', en: 'Fish released'}
    definition: {zh: '放流鱼苗的尾数。', en: 'Young fish released.'}
    unit: bodies
    only: ['尾']
    aggregate: sum
    cues: [CUES]
    examples:
      match: ['放流鱼苗【3尾】。', '放流鱼苗【4尾】。', '放流鱼苗【5尾】。']
      not: ['水深【6米】。', '水深【7米】。', '水深【8米】。']
"""


@pytest.mark.parametrize(
    ("cue", "sentence", "score"),
    [
        ("own: ['鱼苗']", "放流鱼苗【30尾】。", 10 + 2),
        ("own: ['鱼苗']", "鱼苗在塘里共【30尾】。", 10 + 2 - 4 * 0.25),
        ("own: ['鱼苗']", "放【30尾】鱼苗。", 8 + 2),
        ("own: ['鱼苗']", "放【30尾】鲜活的鱼苗。", 8 + 2 - 3 * 0.25),
        ("own: ['放流', '鱼苗']", "放流鱼苗【30尾】。", (10 + 2 - 2 * 0.25 + 10 + 2) / 2 + 3),
        ("own: ['放流'], near: ['鱼苗']", "鱼苗长势好，放流【30尾】。", 10 + 2 + 2),
        ("own: ['放流'], near: ['鱼苗']", "鱼苗长势好。放流【30尾】。", 10 + 2 + 1),
        ("own: ['鱼苗'], weight: -2.5", "放流鱼苗【30尾】。", 10 + 2 - 2.5),
    ],
)
def test_scores_are_made_as_the_readme_says(tmp_path: Path, cue: str, sentence: str, score: float) -> None:
    folder = folder_with(tmp_path, POND.replace("CUES", f"{{{cue}}}"))
    marked = sentence.index("【")
    explainer = Explainer(load_catalogue(folder), sentence.replace("【", "").replace("】", ""))
    number = next(n for n in explainer.overview().quantities if n.start == marked)
    weighed = next(w for w in number.candidates if w.code == "ponds.fish_released")
    assert weighed.score == pytest.approx(score)
    assert sum(points for _, points in weighed.parts) == pytest.approx(score)
