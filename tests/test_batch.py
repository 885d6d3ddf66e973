"""Batches as a user runs them: what they leave, and that nothing is lost, doubled or torn however they end."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Never

import pytest
from hypothesis import given
from hypothesis.strategies import characters, lists, sampled_from, text
from PIL import Image

from extractor.batch import outputs, pool, worker
from extractor.batch.discover import Selection, find, is_list
from extractor.batch.journal import Input, place_of
from extractor.batch.lock import locked
from extractor.batch.pool import Answer, Pool
from extractor.batch.task import BatchOptions, Task, convert
from extractor.batch.watch import Settling, is_being_written
from extractor.batch.worker import Done, Job, Said, Settings
from extractor.models import record_line
from extractor.reading import office
from tests import misbehaving
from tests.conftest import REPOSITORY, SAMPLES, call

COMMAND = [sys.executable, "-m", "extractor", "batch"]
FINISHED = ("records.jsonl", "summary.csv", "indicators.csv", "findings.csv", "failures.csv")
LIMIT = 60
REPORT = """青禾镇人民政府关于2023年度法治政府建设情况的报告

一、主要做法和成效
全镇共调解矛盾纠纷{number}起，调解成功率98.2%。开展法治宣传活动12场次，发放宣传资料3000余份。
二、存在的问题
行政执法力量不足，执法人员持证率偏低。
三、下一步工作打算
2024年计划开展法治培训4次。
"""
ENDLESS = "全镇共调解矛盾纠纷57起，调解成功率98.2%，发放宣传资料3000余份。\n" * 50_000
"""Takes longer than any time-out here, and is just short of what an input may hold."""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("EXTRACTOR", "LC_", "LANG"))}
    return kept | {"XDG_CACHE_HOME": str(tmp_path_factory.mktemp("cache"))}


@pytest.fixture(autouse=True)
def _cache(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", environment["XDG_CACHE_HOME"])


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """A folder of reports with what folders have: folders below it, failures, hidden files, Office's lock files."""
    folder = tmp_path / "reports"
    (folder / "b").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    _write(folder / "b" / "one.txt", REPORT.format(number=11))
    _write(folder / "b.txt", REPORT.format(number=12))
    _write(folder / "a.md", REPORT.format(number=13))
    _write(folder / "empty.txt", "")
    _write(folder / "table.bin", "no input")
    for name in (".hidden/x.txt", ".y.txt", "~$z.txt", "half.txt.part"):
        _write(folder / name, REPORT.format(number=1))
    return folder


def _write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def _many(folder: Path, count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        _write(folder / f"r{number:04}.txt", REPORT.format(number=number + 1) * (1 + number % 3))
    return folder


def _run(*arguments: str | Path, code: int = 0) -> str:
    """Run the command in this process, with one worker; what it tells."""
    done = call("batch", *arguments, "--jobs", "1")
    assert done.returncode == code, done.stderr.decode()
    assert done.stdout == b""
    return done.stderr.decode()


def _finished(folder: Path) -> dict[str, bytes]:
    """What must be the same however a run went: the finished files, and run.json but for the account of the run itself."""
    held = {name: (folder / name).read_bytes() for name in FINISHED}
    account = _account(folder)
    del account["this_run"]
    return held | {"run.json": json.dumps(account).encode()}


def _account(folder: Path) -> dict[str, Any]:
    account: dict[str, Any] = json.loads((folder / "run.json").read_text("utf-8"))
    return account


def _this_run(folder: Path, *names: str) -> list[int]:
    return [_account(folder)["this_run"][name] for name in names]


def _names(folder: Path) -> list[str]:
    return [Path(json.loads(line)["source"]["name"]).name for line in (folder / "records.jsonl").read_bytes().splitlines()]


def _rows(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline="")))


# ------------------------------------------------------------------------------------------------------- what it leaves


def test_a_workbook_is_written_from_the_results_which_stay_beside_it(reports: Path, tmp_path: Path) -> None:
    _run(reports, "-o", tmp_path / "reports.xlsx", code=3)
    results = tmp_path / "reports.batch"
    call("export", results / "records.jsonl", "-o", tmp_path / "exported.xlsx")
    assert (tmp_path / "reports.xlsx").read_bytes() == (tmp_path / "exported.xlsx").read_bytes()
    assert "0 new" in _run(reports, "-o", tmp_path / "reports.xlsx", "--resume", code=3)


def test_a_batch_gives_what_extract_gives(reports: Path, tmp_path: Path) -> None:
    told = _run(reports, "-o", tmp_path / "out", code=3)
    assert "4 inputs, 3 records" in told
    by_extract = call("extract", reports, "-f", "jsonl").stdout
    assert sorted((tmp_path / "out/records.jsonl").read_bytes().splitlines()) == sorted(by_extract.splitlines())
    for table in ("summary", "indicators", "findings"):
        call("extract", reports, "-f", "csv", "--table", table, "-o", tmp_path / "table.csv")
        expected, found = _rows(tmp_path / "table.csv"), _rows(tmp_path / f"out/{table}.csv")
        assert found[0] == expected[0]
        # the findings over all reports come after those of the single ones
        assert sorted(found[: len(expected)]) == sorted(expected)
        assert table == "findings" or len(found) == len(expected)


def test_results_stand_in_the_order_of_the_paths(reports: Path, tmp_path: Path) -> None:
    _run(reports, "-o", tmp_path / "out", code=3)
    assert _names(tmp_path / "out") == ["a.md", "one.txt", "b.txt"]


def test_failures_say_why_and_what_to_do(reports: Path, tmp_path: Path) -> None:
    _run(reports, "-o", tmp_path / "out", "--lang", "en", code=3)
    header, *failures = _rows(tmp_path / "out/failures.csv")
    assert header == ["file", "code", "message", "remedy"]
    assert failures == [[str(reports / "empty.txt"), "empty", "is empty", "give a file with the report's text"]]
    counts = _account(tmp_path / "out")["counts"]
    assert counts == {"inputs": 4, "records": 3, "failures": 1, "failures_by_code": {"empty": 1}}


def test_failures_have_a_code_for_their_kind(tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    reports.mkdir()
    pdf = (REPOSITORY / "formats/luoqiao-2024.pdf").read_bytes()
    password = bytearray((REPOSITORY / "formats/luoqiao-2024.zip").read_bytes())
    password[6] |= 1  # the flag of an encrypted member, here and in the directory at the end
    password[password.rindex(b"PK\1\2") + 8] |= 1
    kinds = {
        "empty": ("a.txt", b"\n \n"),
        "unsupported": ("b.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le")),
        "protected": ("c.zip", bytes(password)),
        "damaged": ("d.pdf", pdf[:200]),
        "undecodable": ("e.txt", "调解57起。".encode() * 20 + b"\xff\xfe\xff"),
        "too_large": ("f.txt", "调解57起。".encode() * 2000),
    }
    for name, data in kinds.values():
        (reports / name).write_bytes(data)
    names = _write(tmp_path / "all.lst", f"{reports}\ngone.txt\n")
    _run(names, "-o", tmp_path / "out", "--limit", "characters=5000", code=3)
    found = {Path(name.partition(".zip/")[0]).stem: code for name, code, *_ in _rows(tmp_path / "out/failures.csv")[1:]}
    assert found == {name[0]: code for code, (name, _) in kinds.items()} | {"gone": "missing"}


def test_what_lacks_a_program_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "find_program", lambda: None)
    path = str(REPOSITORY / "formats/luoqiao-2024.doc")
    with (tmp_path / "segment").open("ab") as stream:
        done = worker.answer(Job(1, Task(path, path)), stream, Settings(BatchOptions(), "zh", LIMIT, 0))
    assert done.failure is not None
    assert (done.failure.code, done.sha256) == ("needs_more", "")


def test_any_number_of_processes_gives_the_same(tmp_path: Path) -> None:
    reports = _many(tmp_path / "reports", 20)
    _run(reports, "-o", tmp_path / "one")
    assert call("batch", reports, "-o", tmp_path / "two", "-j", "2", "-q").returncode == 0
    assert _finished(tmp_path / "two") == _finished(tmp_path / "one")
    assert len(_names(tmp_path / "one")) == 20


def test_figures_are_those_of_the_records(tmp_path: Path) -> None:
    reports = _many(tmp_path / "reports", 3)
    _run(reports, "-o", tmp_path / "out", "--with-text")
    records = [json.loads(line) for line in (tmp_path / "out/records.jsonl").read_bytes().splitlines()]
    quantities = [indicator for record in records for indicator in record["indicators"]]
    figures = _account(tmp_path / "out")["figures"]
    assert figures == {
        "bytes": sum(path.stat().st_size for path in reports.iterdir()),
        "characters": sum(len(record["source"]["text"]) for record in records),
        "quantities": len(quantities),
        "coded": sum(quantity["code"] is not None for quantity in quantities),
        "actual": sum(quantity["modality"] == "actual" for quantity in quantities),
    }


def test_findings_fail_a_run_only_when_asked(tmp_path: Path) -> None:
    _write(tmp_path / "letter.txt", "船靠岸的时候，天已经黑透了。老周提着半篮子鲫鱼往坡上走，走了三十来步又停下。\n")
    _run(tmp_path / "letter.txt", "-o", tmp_path / "out")
    findings = _account(tmp_path / "out")["findings"]
    header, *rows = _rows(tmp_path / "out/findings.csv")
    severity = header.index("级别")
    assert findings["warning"] == sum(row[severity] == "warning" for row in rows) > 0
    _run(tmp_path / "letter.txt", "-o", tmp_path / "out", "--resume", "--fail-on", "warning", code=1)
    _run(tmp_path / "letter.txt", "-o", tmp_path / "out", "--resume", "--fail-on", "error")


def test_what_is_told_can_be_read_by_programs(reports: Path, tmp_path: Path) -> None:
    told = [json.loads(line) for line in _run(reports, "-o", tmp_path / "out", "--log-format", "json", code=3).splitlines()]
    assert [line["event"] for line in told] == ["begin", "failure", "publishing", "end"]
    assert told[0]["expected"] == 4
    assert told[1]["file"] == str(reports / "empty.txt")
    assert told[-1]["counts"]["records"] == 3
    assert _run(reports, "-o", tmp_path / "quiet", "--quiet", code=3) == ""


# ------------------------------------------------------------------------------------------------------------ inputs


def test_patterns_choose_files_and_folders(reports: Path, tmp_path: Path) -> None:
    def found(*include: str, exclude: tuple[str, ...] = ()) -> list[str]:
        selection = Selection(include, exclude)
        return sorted(Path(one.path).relative_to(reports).as_posix() for one in find([str(reports)], selection))

    assert found() == ["a.md", "b.txt", "b/one.txt", "empty.txt"]
    assert found("*.bin", "b/*") == ["b/one.txt", "table.bin"]
    assert found(exclude=("b", "e*")) == ["a.md", "b.txt"]
    assert found("*.txt", exclude=("b/one.*",)) == ["b.txt", "empty.txt"]


def test_the_output_folder_is_no_input(reports: Path) -> None:
    out = reports / "out"
    _write(reports / "b.txt", REPORT.format(number=5))
    _run(reports, "-o", out, code=3)
    _write(out / "notes.txt", REPORT.format(number=6))
    _run(reports, "-o", out, "--resume", code=3)
    assert "notes.txt" not in _names(out)


def test_lists_name_inputs(reports: Path, tmp_path: Path) -> None:
    names = _write(tmp_path / "which.txt", f"# chosen\nreports/b.txt\n\n{reports / 'b'}\nreports/gone.txt\nreports/b.txt\n")
    assert is_list(str(names))
    assert not is_list(str(reports / "b.txt"))
    _run(names, "-o", tmp_path / "out", code=3)
    assert _names(tmp_path / "out") == ["one.txt", "b.txt"]
    (failure,) = _rows(tmp_path / "out/failures.csv")[1:]
    assert failure[1:3] == ["missing", "no such file"]
    done = call("batch", "-", "-o", tmp_path / "piped", "-j", "1", stdin=f"{reports / 'a.md'}\n".encode())
    assert done.returncode == 0
    assert _names(tmp_path / "piped") == ["a.md"]


def _zip(path: Path, **members: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.txt", content)
    return path


def test_members_of_archives_are_inputs_like_others(reports: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    numbers = {"z": 31, "a": 32, "m": 33}
    _zip(reports / "b.zip", **{name: REPORT.format(number=number) for name, number in numbers.items()}, nothing="")
    _run(reports, "-o", out, code=3)
    assert _names(out) == ["a.md", "one.txt", "b.txt", "z.txt", "a.txt", "m.txt"]
    by_extract = call("extract", reports, "-f", "jsonl").stdout
    assert sorted((out / "records.jsonl").read_bytes().splitlines()) == sorted(by_extract.splitlines())
    assert {Path(row[0]).name for row in _rows(out / "failures.csv")[1:]} == {"empty.txt", "nothing.txt"}
    _run(reports, "-o", out, "--resume", code=3)
    assert _this_run(out, "converted", "unchanged", "vanished") == [0, 8, 0]
    numbers["a"] = 99
    del numbers["m"]
    _zip(reports / "b.zip", **{name: REPORT.format(number=number) for name, number in numbers.items()})
    _run(reports, "-o", out, "--resume", code=3)
    assert _this_run(out, "changed", "unchanged", "vanished") == [1, 5, 2]
    _run(reports, "-o", tmp_path / "fresh", code=3)
    assert _finished(out) == _finished(tmp_path / "fresh")


def test_an_archive_that_was_broken_off_goes_on_where_it_was(tmp_path: Path, environment: dict[str, str]) -> None:
    texts = {f"r{number:02}": REPORT.format(number=number) for number in range(1, 21)}
    archive = _zip(tmp_path / "reports.zip", **texts, r99=ENDLESS)
    out = tmp_path / "out"
    with subprocess.Popen([*COMMAND, archive, "-o", out, "-q", "-j", "1"], env=environment) as process:
        _wait_for(lambda: (out / ".batch/segment-1").exists() and (out / ".batch/segment-1").stat().st_size > 100_000)
        process.send_signal(signal.SIGINT)
        assert process.wait(LIMIT) == 130
    _run(archive, "-o", out, "--resume", "--timeout", "2", code=3)
    converted, unchanged = _this_run(out, "converted", "unchanged")
    assert converted + unchanged == 21
    assert unchanged > 0
    _run(archive, "-o", tmp_path / "fresh", "--timeout", "2", code=3)
    assert _finished(out) == _finished(tmp_path / "fresh")


def test_names_may_be_any_bytes(tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    names = ["二〇二三.txt".encode(), "二〇二四.txt".encode("gb18030"), b"two\nlines.txt", b"a,b\"'.txt"]
    for name in names:
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_text(REPORT.format(number=3), "utf-8")
    _run(folder, "-o", tmp_path / "out")
    by_extract = call("extract", folder, "-f", "jsonl").stdout
    assert sorted((tmp_path / "out/records.jsonl").read_bytes().splitlines()) == sorted(by_extract.splitlines())
    _run(folder, "-o", tmp_path / "out", "--resume")
    assert _this_run(tmp_path / "out", "unchanged", "converted", "vanished") == [4, 0, 0]


_NAMES = text(characters(blacklist_characters="/\0", blacklist_categories=("Cs",)), min_size=1, max_size=4)


@given(lists(lists(_NAMES | sampled_from(["a", "a-b", "a.txt"]), min_size=1, max_size=4).map("/".join), max_size=8))
def test_places_sort_as_folders_do_and_lead_back(paths: list[str]) -> None:
    assert sorted(paths, key=place_of) == sorted(paths, key=lambda path: os.fsencode(path).split(b"/"))
    assert [Input(place_of(path), 0, b"", 0, 0, 0).path for path in paths] == paths


def test_nothing_to_read_is_an_error_and_leaves_what_was_there(tmp_path: Path) -> None:
    reports = _many(tmp_path / "reports", 2)
    _run(reports, "-o", tmp_path / "out")
    before = _finished(tmp_path / "out")
    for path in reports.iterdir():
        path.unlink()
    assert "holds no reports" in _run(reports, "-o", tmp_path / "out", "--resume", code=3)
    assert _finished(tmp_path / "out") == before


# ------------------------------------------------------------------------------------------------------------ resume


def test_only_what_is_new_or_changed_is_read_again(tmp_path: Path) -> None:
    reports = _many(tmp_path / "reports", 6)
    out = tmp_path / "out"
    _run(reports, "-o", out)
    assert "holds the results of an earlier run" in _run(reports, "-o", out, code=2)
    _run(reports, "-o", out, "--resume")
    assert _this_run(out, "converted", "unchanged", "vanished") == [0, 6, 0]
    os.utime(reports / "r0000.txt", (1, 1))
    (reports / "r0001.txt").unlink()
    _write(reports / "r0002.txt", REPORT.format(number=99))
    _write(reports / "r0009.txt", REPORT.format(number=77))
    _run(reports, "-o", out, "--resume")
    assert _this_run(out, "new", "changed", "unchanged", "vanished") == [1, 1, 4, 1]
    _run(reports, "-o", tmp_path / "fresh")
    assert _finished(out) == _finished(tmp_path / "fresh")


def test_a_change_that_keeps_size_and_time_is_seen_while_the_file_is_young(tmp_path: Path) -> None:
    report = _write(tmp_path / "report.txt", REPORT.format(number=57))
    _run(report, "-o", tmp_path / "out")
    status = report.stat()
    with report.open("r+b") as stream:
        stream.write(REPORT.format(number=58).encode())
    os.utime(report, ns=(status.st_atime_ns, status.st_mtime_ns))
    _run(report, "-o", tmp_path / "out", "--resume")
    assert _this_run(tmp_path / "out", "changed") == [1]


@pytest.mark.parametrize("options", [("--with-text",), ("--lang", "en")])
def test_other_options_read_everything_again(tmp_path: Path, options: tuple[str, ...]) -> None:
    reports = _many(tmp_path / "reports", 2)
    _run(reports, "-o", tmp_path / "out")
    assert "all inputs are read again" in _run(reports, "-o", tmp_path / "out", "--resume", *options)
    _run(reports, "-o", tmp_path / "fresh", *options)
    assert _finished(tmp_path / "out") == _finished(tmp_path / "fresh")


def test_finished_files_that_were_changed_are_made_anew(tmp_path: Path) -> None:
    reports = _many(tmp_path / "reports", 3)
    out = tmp_path / "out"
    _run(reports, "-o", out)
    before = _finished(out)
    _write(out / "summary.csv", "mine")
    assert "changed or moved" in _run(reports, "-o", out, "--resume")
    assert _finished(out) == before
    (out / "findings.csv").unlink()
    _run(reports, "-o", out, "--resume")
    assert _finished(out) == before


def test_what_is_not_ours_is_not_overwritten(tmp_path: Path) -> None:
    reports = _many(tmp_path / "reports", 1)
    out = tmp_path / "out"
    out.mkdir()
    _write(out / "records.jsonl", "mine")
    assert "holds records.jsonl already" in _run(reports, "-o", out, code=2)
    assert (out / "records.jsonl").read_bytes() == b"mine"
    _run(reports, "-o", out, "--force")
    assert len(_names(out)) == 1


def test_two_runs_into_one_folder_are_refused(tmp_path: Path) -> None:
    reports = _many(tmp_path / "reports", 1)
    out = tmp_path / "out"
    _run(reports, "-o", out)
    with locked(out / outputs.STATE / "lock", out):
        told = _run(reports, "-o", out, "--resume", code=2)
        assert f"another run writes there (process {os.getpid()})" in told
        _run(reports, "-o", out, "--force", code=2)
    _run(reports, "-o", out, "--resume")


# ------------------------------------------------------------------------------------------- nothing is lost or doubled


def test_killed_at_any_moment_a_run_goes_on_to_the_same_end(tmp_path: Path, environment: dict[str, str]) -> None:
    reports = _many(tmp_path / "reports", 100)
    _run(reports, "-o", tmp_path / "undisturbed")
    chance = random.Random(20260101)
    out = tmp_path / "out"
    for _ in range(6):
        with subprocess.Popen([*COMMAND, reports, "-o", out, "--resume", "-q", "-j", "2"], env=environment) as process:
            time.sleep(chance.uniform(0.4, 1.6))
            process.send_signal(chance.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT]))
        assert process.returncode in (0, 130, -signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT)
    _run(reports, "-o", out, "--resume")
    assert _finished(out) == _finished(tmp_path / "undisturbed")


def test_an_interrupt_keeps_what_was_finished(tmp_path: Path, environment: dict[str, str]) -> None:
    reports = _many(tmp_path / "reports", 30)
    _write(reports / "z.txt", ENDLESS)
    out = tmp_path / "out"
    command = [*COMMAND, reports, "-o", out, "-j", "1", "--log-format", "json"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) as process:
        _wait_for(lambda: (out / ".batch/segment-1").exists() and (out / ".batch/segment-1").stat().st_size > 100_000)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=LIMIT)
    assert process.returncode == 130
    told = [json.loads(line) for line in errors.splitlines()]
    assert told[-1]["event"] == "interrupted"
    assert not (out / "records.jsonl").exists()
    (reports / "z.txt").unlink()
    _run(reports, "-o", out, "--resume")
    (unchanged,) = _this_run(out, "unchanged")
    assert unchanged == told[-1]["done"] > 0
    _run(reports, "-o", tmp_path / "undisturbed")
    assert _finished(out) == _finished(tmp_path / "undisturbed")


def test_an_interrupt_while_workers_start_is_heard_and_leaves_no_traceback(tmp_path: Path, environment: dict[str, str]) -> None:
    reports = _many(tmp_path / "reports", 30)
    _write(reports / "z.txt", ENDLESS)
    for pause in (0.0, 0.03, 0.06):
        out = tmp_path / f"out{pause}"
        command = [*COMMAND, reports, "-o", out, "-j", "2", "-q"]
        with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, start_new_session=True) as process:
            _wait_for((out / ".batch/journal.sqlite").exists)
            time.sleep(pause)
            os.killpg(process.pid, signal.SIGINT)
            _, errors = process.communicate(timeout=LIMIT)
        assert (process.returncode, errors) == (130, b"")


def _wait_for(question: Callable[[], bool]) -> None:
    until = time.monotonic() + LIMIT
    while not question():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.02)


def test_broken_off_at_any_step_of_publishing_the_result_is_the_old_or_the_new(tmp_path: Path) -> None:
    reports = _many(tmp_path / "reports", 3)
    _run(reports, "-o", tmp_path / "undisturbed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outputs.Outputs, "publish", _interrupt)
        _run(reports, "-o", tmp_path / "converted", code=130)
    moves = [*FINISHED, "sketches.jsonl", "run.json"]
    for step in range(len(moves) + 1):
        out = tmp_path / f"out{step}"
        shutil.copytree(tmp_path / "converted", out)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Path, "replace", _breaking(Path.replace, step, moves))
            _run(reports, "-o", out, "--resume", code=130 if step < len(moves) else 0)
        _run(reports, "-o", out, "--resume")
        assert _this_run(out, "converted", "unchanged") == [0, 3]
        assert _finished(out) == _finished(tmp_path / "undisturbed")


def _interrupt(*_: object) -> Never:
    raise KeyboardInterrupt


def _breaking(replace: Callable[[Path, Path], Path], step: int, moves: list[str]) -> Callable[[Path, Path], Path]:
    """Path.replace, broken off before it has moved so many of the finished files."""
    left = iter(range(step))

    def move(path: Path, target: Path) -> Path:
        if path.name in moves and next(left, None) is None:
            raise KeyboardInterrupt
        return replace(path, target)

    return move


def test_bytes_that_were_lost_are_noticed(tmp_path: Path, environment: dict[str, str]) -> None:
    """As after a power failure: the journal knows of results whose bytes never reached the disk."""
    reports = _many(tmp_path / "reports", 8)
    _write(reports / "z.txt", ENDLESS)
    out = tmp_path / "out"
    with subprocess.Popen([*COMMAND, reports, "-o", out, "-q", "-j", "1"], env=environment) as process:
        _wait_for(lambda: (out / ".batch/segment-1").exists() and (out / ".batch/segment-1").stat().st_size > 60_000)
        process.send_signal(signal.SIGINT)
        process.wait(LIMIT)
    segment = out / ".batch/segment-1"
    content = bytearray(segment.read_bytes())
    content[100:110] = bytes(10)
    segment.write_bytes(content[:-100])
    (reports / "z.txt").unlink()
    _run(reports, "-o", out, "--resume")
    assert _this_run(out, "converted")[0] >= 2
    _run(reports, "-o", tmp_path / "undisturbed")
    assert _finished(out) == _finished(tmp_path / "undisturbed")


@pytest.mark.parametrize("share", [0.1, 0.95])
def test_a_full_disk_stops_a_run_and_loses_nothing(tmp_path: Path, environment: dict[str, str], share: float) -> None:
    """No file may grow beyond a share of the records: first a worker meets that, then who puts the finished files together."""
    reports = _many(tmp_path / "reports", 20)
    out = tmp_path / "out"
    _run(reports, "-o", tmp_path / "undisturbed")
    room = int(share * (tmp_path / "undisturbed/records.jsonl").stat().st_size)
    done = subprocess.run(
        [*COMMAND, reports, "-o", out, "-j", "2", "-q"],
        env=environment,
        capture_output=True,
        timeout=LIMIT,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)),
    )
    assert done.returncode == 3
    (line,) = done.stderr.decode().splitlines()
    assert str(out) in line
    assert "--resume" in line
    assert not (out / "records.jsonl").exists()
    _run(reports, "-o", out, "--resume")
    assert _finished(out) == _finished(tmp_path / "undisturbed")


# -------------------------------------------------------------------------------------------------- one file's failure


def _pool(folder: Path, timeout: float = LIMIT) -> Pool:
    return Pool(1, Settings(BatchOptions(), "en", timeout, 0), folder, 1)


def _kill_at_the_fourth(workers: Pool, times: int) -> dict[int, Answer]:
    """The answers to five jobs; at the fourth, a pipe into which nobody writes, the worker is killed so many times."""
    os.mkfifo(workers.folder / "endless.txt")
    jobs = [Job(number, Task(f"report{number}.txt", data=REPORT.format(number=number).encode())) for number in range(5)]
    jobs[3] = Job(3, Task("report3.txt", str(workers.folder / "endless.txt")))
    left = iter(jobs)
    answers: dict[int, Answer] = {}
    for answer in workers.answers(lambda: next(left, None), len(jobs)):
        if answer is not None:
            answers[answer.job.number] = answer
        elif times and workers.workers and workers.workers[0].hand and workers.workers[0].hand[0].number == 3:
            times -= 1
            workers.workers[0].process.kill()
    return answers


def test_a_worker_that_dies_twice_at_a_file_is_that_files_failure(tmp_path: Path) -> None:
    workers = _pool(tmp_path)
    try:
        answers = _kill_at_the_fourth(workers, times=2)
    finally:
        workers.close()
    assert sorted(answers) == [0, 1, 2, 3, 4]
    failed = {number: answer.done.failure for number, answer in answers.items() if answer.done.failure}
    assert list(failed) == [3]
    assert failed[3].file == "report3.txt"
    assert failed[3].code == "crashed"
    assert "SIGKILL" in failed[3].message


def test_a_worker_that_dies_by_chance_costs_nothing(tmp_path: Path) -> None:
    workers = _pool(tmp_path, timeout=2)
    try:
        answers = _kill_at_the_fourth(workers, times=1)
    finally:
        workers.close()
    codes = {number: answer.done.failure and answer.done.failure.code for number, answer in answers.items()}
    assert codes == {0: None, 1: None, 2: None, 3: "timed_out", 4: None}


def test_what_takes_too_long_or_too_much_is_that_files_failure(tmp_path: Path) -> None:
    reports = _many(tmp_path / "reports", 4)
    with (reports / "r0001a.txt").open("wb") as stream:
        stream.truncate(2 * 1024**3)
    os.mkfifo(tmp_path / "pipe.txt")
    # more room than the worker needs, less than the file
    limits = ("--timeout", "4", "--memory", "300", "--limit", "file_bytes=3G")
    _run(reports, tmp_path / "pipe.txt", "-o", tmp_path / "out", *limits, code=3)
    failures = {Path(row[0]).name: row[1] for row in _rows(tmp_path / "out/failures.csv")[1:]}
    assert failures == {"pipe.txt": "timed_out", "r0001a.txt": "out_of_memory"}
    assert _names(tmp_path / "out") == ["r0000.txt", "r0001.txt", "r0002.txt", "r0003.txt"]
    (tmp_path / "pipe.txt").unlink()
    _write(tmp_path / "pipe.txt", REPORT.format(number=8))
    _write(reports / "r0001a.txt", REPORT.format(number=9))
    _run(reports, tmp_path / "pipe.txt", "-o", tmp_path / "out", "--resume", "--limit", "file_bytes=3G")
    assert _this_run(tmp_path / "out", "retried", "unchanged", "failed") == [2, 4, 0]


def test_each_page_of_a_scan_has_time_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "work", misbehaving.recognise_slowly)
    workers = _pool(tmp_path, timeout=1)
    jobs = iter([Job(4, Task("4 pages")), Job(1, Task("1 page")), Job(0, Task("no page"))])
    try:
        answers = {a.job.number: a.done.failure for a in workers.answers(lambda: next(jobs, None), 3) if a is not None}
    finally:
        workers.close()
    assert {number: failure and failure.code for number, failure in answers.items()} == {4: None, 1: None, 0: "timed_out"}


def test_a_worker_tells_of_each_page_that_it_recognises(tmp_path: Path) -> None:
    settings = Settings(BatchOptions(), "zh", LIMIT, 0)
    one = pool._Worker(1, tmp_path / "segment", settings)
    scan = str(tmp_path / "scan.png")
    with Image.open(REPOSITORY / "formats/luoqiao-2024.scan.jpg") as page:
        # its first line is as good as all of it
        page.crop((0, 0, page.width, page.height // 10)).save(scan)
    try:
        one.give([Job(1, Task(scan, scan))])
        said = [one.connection.recv()]
        while not isinstance(said[-1], Done):
            said.append(one.connection.recv())
    finally:
        one.end()
    assert said[:-1] == [Said("ready"), Said("page")]


def test_workers_that_cannot_start_end_the_run_with_a_message(tmp_path: Path) -> None:
    reports = _many(tmp_path / "reports", 1)
    told = _run(reports, "-o", tmp_path / "out", "--memory", "1", "-q", code=2)
    assert "workers cannot start" in told
    assert "--memory" in told


def test_a_task_is_a_record_or_a_failure() -> None:
    text = REPORT.format(number=57)
    outcome = convert(Task("in.zip/report.txt", data=text.encode()), BatchOptions())
    assert outcome.failure is None
    assert outcome.text == text
    assert outcome.report is not None
    assert json.loads(record_line(outcome.report))["source"]["name"] == "in.zip/report.txt"
    failed = convert(Task("gone.txt", "gone.txt"), BatchOptions())
    assert failed.report is None
    assert failed.failure is not None
    assert failed.failure.file == "gone.txt"


# ------------------------------------------------------------------------------------------------------------- watching


def test_a_file_is_settled_when_it_no_longer_changes(tmp_path: Path) -> None:
    path = tmp_path / "new.txt"
    settling = Settling(seconds=0.2)

    def look() -> bool:
        settling.look_again()
        (found,) = find([str(path)], Selection())
        return settling(found)

    _write(path, "half")
    assert not look()
    time.sleep(0.25)
    _write(path, "half and half")
    assert not look()
    assert settling.waiting
    with path.open("ab"):
        assert is_being_written(str(path)) == (sys.platform == "linux")
        time.sleep(0.25)
        assert look() == (sys.platform != "linux")
    assert not is_being_written(str(path))
    assert look()
    assert not settling.waiting
    os.utime(path, (1, 1))
    assert look()


def test_what_arrives_is_converted_when_it_is_all_there(tmp_path: Path, environment: dict[str, str]) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    out = tmp_path / "out"
    command = [*COMMAND, inbox, "-o", out, "--watch", "-j", "1", "-q"]
    with subprocess.Popen(command, env=environment) as process:
        try:
            _wait_for((out / "run.json").exists)
            whole = REPORT.format(number=41).encode()
            with (inbox / "slow.txt").open("wb") as stream:
                stream.write(whole[:200])
                stream.flush()
                _write(inbox / "quick.txt", REPORT.format(number=42))
                _wait_for(lambda: "quick.txt" in _names(out))
                assert _names(out) == ["quick.txt"]
                stream.write(whole[200:])
            _wait_for(lambda: "slow.txt" in _names(out))
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(LIMIT)
    assert process.returncode == 130
    _run(inbox, "-o", tmp_path / "fresh")
    assert (out / "records.jsonl").read_bytes() == (tmp_path / "fresh/records.jsonl").read_bytes()


def test_watching_standard_input_is_wrong_use(tmp_path: Path) -> None:
    assert "standard input can be read once" in _run("-", "-o", tmp_path / "out", "--watch", code=2)


def test_every_option_is_documented() -> None:
    page = (REPOSITORY / "docs/cli.md").read_text("utf-8").partition("\n## `extractor batch`\n")[2].partition("\n## ")[0]
    options = set(re.findall(r"--[a-z][a-z-]+", call("batch", "--help", COLUMNS="200").stdout.decode())) - {"--help"}
    assert "--watch" in options
    assert options - set(re.findall(r"--[a-z][a-z-]+", page)) == set()


def test_the_demonstration_shows_a_batch() -> None:
    demo = (REPOSITORY / "Makefile").read_text("utf-8").partition("\ndemo:")[2].partition("\n\n")[0]
    assert "extractor batch samples" in demo
    assert SAMPLES
