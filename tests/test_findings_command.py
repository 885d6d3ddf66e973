"""`extractor findings`, its generated page, and --fail-on."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from tests.conftest import REPOSITORY, call
from tests.stages import CATALOGUE

PLANTED = Path(__file__).parent / "findings" / "linhe-street-2024.txt"
MENDED = PLANTED.with_name("linhe-street-2024-mended.txt")
CODES = tuple(CATALOGUE.checks.findings)


def _lines(output: bytes) -> list[str]:
    return output.decode("utf-8").splitlines()


def test_the_codes_are_listed_with_severity_and_titles() -> None:
    done = call("findings")
    assert done.returncode == 0
    rows = [line for line in _lines(done.stdout) if any(f" {code} " in line for code in CODES)]
    assert [row.split("│")[1].strip() for row in rows] == list(CODES)
    assert "比率与所列数字不符" in done.stdout.decode("utf-8")


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_explained_in_both_languages_with_a_remedy_and_examples(code: str) -> None:
    text = CATALOGUE.checks.findings[code]
    pieces = (text.title, text.definition, text.remedy)
    assert all(piece.zh.strip() and piece.en.strip() for piece in pieces)
    assert text.zh.endswith("。")
    assert text.en.endswith(".")


def test_one_code_is_explained() -> None:
    done = call("findings", "rate_contradicted")
    printed = done.stdout.decode("utf-8")
    text = CATALOGUE.checks.findings["rate_contradicted"]
    assert done.returncode == 0
    for piece in (text.definition.zh, text.remedy.en, *text.examples.found, *text.examples.not_):
        assert piece in printed


def test_codes_as_json_hold_all_that_the_rules_say() -> None:
    (entry,) = json.loads(call("findings", "other_place", "-f", "json").stdout)
    assert entry == {"code": "other_place"} | CATALOGUE.checks.findings["other_place"].model_dump(mode="json", by_alias=True)
    assert [entry["code"] for entry in json.loads(call("findings", "-f", "json").stdout)] == list(CODES)


def test_the_page_is_current() -> None:
    """docs/findings.md is what the rules say now."""
    printed = call("findings", "-f", "markdown").stdout.decode("utf-8")
    assert (REPOSITORY / "docs" / "findings.md").read_text(encoding="utf-8") == printed, (
        "docs/findings.md is not current; run: extractor findings -f markdown > docs/findings.md"
    )
    assert [line.removeprefix("## ") for line in printed.splitlines() if line.startswith("## ")] == list(CODES)


def test_a_reports_findings_are_given_by_line_and_column() -> None:
    done = call("findings", PLANTED, "--severity", "warning", "--lang", "en")
    text = PLANTED.read_bytes().decode("utf-8").split("\n")
    assert done.returncode == 0
    lines = _lines(done.stdout)
    assert f"{PLANTED}:6:1: warning: " in lines[1]
    assert lines[1].endswith("[other_place]")
    for line in lines:
        place = line.removeprefix(f"{PLANTED}:").split(":")
        assert len(text[int(place[0]) - 1]) >= int(place[1])
        assert place[2].strip() in ("warning", "error")
    assert done.stderr == b"extractor: 1 report: 1 error, 8 warning\n"


def test_a_reports_findings_as_json_are_those_of_its_record_with_line_and_column() -> None:
    entries = [json.loads(line) for line in _lines(call("findings", PLANTED, "-f", "json").stdout)]
    record = json.loads(call("extract", PLANTED, "-f", "json").stdout)
    text = PLANTED.read_bytes().decode("utf-8").split("\n")
    for entry, finding in zip(entries, record["findings"], strict=True):
        assert entry == {"source": str(PLANTED), "line": entry["line"], "column": entry["column"]} | finding
        if finding["code"] == "implausible":
            assert text[entry["line"] - 1][entry["column"] - 1 :].startswith("1200个")


@pytest.mark.parametrize("command", [("extract", "-f", "json"), ("findings",)], ids=["extract", "findings"])
@pytest.mark.parametrize(
    ("path", "fail_on", "code"),
    [(PLANTED, "error", 1), (PLANTED, "warning", 1), (MENDED, "warning", 0), (MENDED, "error", 0)],
    ids=["planted, error", "planted, warning", "mended, warning", "mended, error"],
)
def test_fail_on(command: tuple[str, ...], path: Path, fail_on: str, code: int) -> None:
    done = call(*command, path, "--fail-on", fail_on)
    assert done.returncode == code
    assert done.stdout


def test_hints_fail_only_where_they_are_asked_for() -> None:
    assert call("findings", MENDED, "--fail-on", "info").returncode == 1
    assert call("findings", MENDED).returncode == 0
    assert call("findings", MENDED, "--severity", "warning").stdout == b""


def test_what_is_left_out_of_the_list_still_counts() -> None:
    done = call("findings", MENDED, "--severity", "error", "--fail-on", "info")
    assert (done.returncode, done.stdout) == (1, b"")


def test_standard_input_and_folders(tmp_path: Path) -> None:
    assert _lines(call("findings", "-", "--severity", "error", stdin=PLANTED.read_bytes()).stdout)[0].startswith("-:11:")
    (tmp_path / "b.txt").write_bytes(PLANTED.read_bytes())
    (tmp_path / "a.txt").write_bytes(MENDED.read_bytes())
    lines = _lines(call("findings", tmp_path).stdout)
    assert [line.split(":")[0] for line in lines] == sorted(line.split(":")[0] for line in lines)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("rate_contradict",), 2, "'rate_contradict' is no finding's code and no file; did you mean 'rate_contradicted'?"),
        (("nonsense_word",), 2, "extractor findings lists the codes"),
        (("rate_contradicted", str(PLANTED)), 2, "rate_contradicted is a code and"),
        ((str(PLANTED), "-f", "markdown"), 2, "markdown is the form of the list of codes"),
        (("missing/report.txt",), 3, "missing/report.txt: no such file or folder"),
    ],
    ids=["nearly a code", "nothing", "both", "markdown of a report", "missing file"],
)
def test_wrong_use_is_told(arguments: tuple[str, ...], code: int, words: str) -> None:
    done = call("findings", *arguments)
    assert done.returncode == code
    assert words in done.stderr.decode("utf-8")


def test_an_input_that_cannot_be_read_does_not_hide_the_others(tmp_path: Path) -> None:
    done = call("findings", tmp_path / "gone.txt", PLANTED, "--severity", "error")
    assert done.returncode == 3
    assert b"[parts_exceed_total]" in done.stdout
    assert b"gone.txt: no such file" in done.stderr


def test_own_words_and_severities(tmp_path: Path) -> None:
    """A checks.yaml of one's own takes the place of the built-in one."""
    content = (REPOSITORY / "schemas" / "checks.yaml").read_text("utf-8")
    (tmp_path / "checks.yaml").write_text(content.replace("文中以“{text}”自称", "抄来的“{text}”"), encoding="utf-8")
    assert "抄来的“柳岸街道”" in call("findings", PLANTED, "--catalogue", tmp_path).stdout.decode("utf-8")


# ------------------------------------------------------------------------------------------------ the documents


def test_the_command_page_shows_what_is_printed() -> None:
    page = (REPOSITORY / "docs" / "cli.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```console\n\$ extractor findings (.*)\n([^`]*)```", page)
    done = call("findings", *shown[0].split(), cwd=REPOSITORY)
    assert done.stdout.decode("utf-8") == shown[1]


def test_a_rule_as_the_rules_page_shows_it_is_found(tmp_path: Path) -> None:
    """The pieces of schemas/README.md in a copy of the built-in file, with two built-in codes for those invented."""
    page = (REPOSITORY / "schemas" / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```yml\n(findings:\n.*?)```", page, flags=re.S)
    names = {"greening.trees_replanted": "enforcement.notices", "greening.trees_lost": "enforcement.hazards_found"}
    for name, builtin in names.items():
        block = block.replace(name, builtin)
    pieces = yaml.safe_load(block)
    rules = yaml.safe_load((REPOSITORY / "schemas" / "checks.yaml").read_text("utf-8"))
    rules["findings"] |= pieces["findings"]
    rules["orders"]["rules"] += pieces["orders"]["rules"]
    (tmp_path / "checks.yaml").write_text(yaml.safe_dump(rules, allow_unicode=True), encoding="utf-8")
    text = "一、主要工作\n排查隐患30条，下发整改通知书36条。"
    done = call("findings", "-", "--catalogue", tmp_path, stdin=text.encode("utf-8"))
    assert "补栽 36条，多于枯死的 30条。 [replanted_above_lost]" in done.stdout.decode("utf-8")
