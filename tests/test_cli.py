"""The command as a user runs it: what it prints, where, in which bytes, and how it ends."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import extractor
from extractor import Report
from tests.conftest import call

COMMAND = [sys.executable, "-m", "extractor"]
LIMIT = 60
Run = Callable[..., "subprocess.CompletedProcess[bytes]"]

REPORT = """青禾镇人民政府关于2023年度法治政府建设情况的报告

一、主要做法和成效
全镇共调解矛盾纠纷57起，调解成功率98.2%。开展法治宣传活动12场次，发放宣传资料3000余份。全年未发生行政诉讼案件。
二、存在的问题
（一）行政执法力量不足，执法人员持证率偏低。
（二）普法形式单一，群众参与热情不高。
三、下一步工作打算
（一）加强培训。2024年计划开展法治培训4次。
（二）丰富普法形式，办好法治文艺演出。

青禾镇人民政府
2024年1月12日
"""
OTHER = REPORT.replace("青禾镇", "石泉乡").replace("57起", "80起")
TRADITIONAL = "白鷺鎮人民政府關於2023年度法治政府建設情況的報告\n一、主要做法\n全鎮共調解矛盾糾紛57起，調解成功率98.2%。\n"
NOVEL = """船靠岸的时候，天已经黑透了。老周提着半篮子鲫鱼往坡上走，走了三十来步又停下，回头看那条空荡荡的河。
他想起十七岁那年，也是这样的雨夜，哥哥把一双布鞋塞进他怀里，说了句“走吧”。那双鞋他穿了两冬，鞋底磨出四个洞。
雨越下越大，岸上的灯一盏接一盏地灭了。
"""
PHONE_LIST = "\n".join(
    f"{name}\t0571-5550{number}\t1380000{number}" for name, number in [("张小河", 1234), ("李大山", 2345), ("王田", 3456)]
)
SOURCE_CODE = """def total(rows, rate=0.25):
    result = 0
    for index in range(10):
        result += rows[index] * rate
    return result if result > 100 else None
"""
TEMPLATE = """××镇人民政府20××年度法治政府建设情况报告

一、主要工作情况
全年调解矛盾纠纷**件，调解成功率**%。开展法治宣传活动××场，培训行政执法人员***人。
二、存在的问题
（一）普法宣传形式单一。
三、下一步工作打算
（一）加强行政执法人员培训。
"""
UNDIVIDED = (
    "2023年，柏树镇把法治政府建设放在心上，坚持依法行政，规范行政执法，全年共调解矛盾纠纷57起，开展普法宣传12场次，"
    "聘请法律顾问2名，群众对司法所的工作比较满意，信访总量比往年有所下降。\n"
)
UNNUMBERED = """柏树镇法治政府建设情况报告

一、主要做法
坚持依法行政，规范行政执法，推进政务公开，人民调解组织健全，普法宣传深入人心。
二、存在的问题
法律服务力量薄弱，行政执法程序有待规范。
三、下一步打算
继续加强法治宣传，做好矛盾纠纷化解。
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of the commands: no settings of whoever runs the tests, rules remembered in a folder of our own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("EXTRACTOR", "PYTHON", "LC_", "LANG"))}
    return kept | {"XDG_CACHE_HOME": str(tmp_path_factory.mktemp("cache"))}


@pytest.fixture(scope="module")
def run(environment: dict[str, str]) -> Run:
    def call(*arguments: str | bytes | Path, stdin: bytes = b"", cwd: Path | None = None, **extra: str) -> Any:
        return subprocess.run(
            [*COMMAND, *arguments],
            input=stdin,
            capture_output=True,
            cwd=cwd,
            env=environment | extra,
            timeout=LIMIT,
            check=False,
        )

    return call


@pytest.fixture
def report(tmp_path: Path) -> Path:
    return _write(tmp_path / "qinghe.txt", REPORT)


def _write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def _rows(output: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(output.decode(), newline="")))


def _lines(errors: bytes) -> list[str]:
    """Messages on standard error, each of which must be one line and none a traceback."""
    lines = errors.decode().splitlines()
    assert all(line.startswith("extractor: ") for line in lines), errors.decode()
    return lines


# ------------------------------------------------------------------------------------------------ what is printed


def test_json_of_a_file_is_the_same_whatever_console_and_hash_seed(run: Run, report: Path) -> None:
    one = run("extract", report, "-f", "json", "--with-text", "--fail-on", "warning", PYTHONHASHSEED="1")
    assert (one.returncode, one.stderr) == (0, b"")
    record = json.loads(one.stdout)
    assert list(record) == list(Report.model_fields)
    assert record["source"]["text"] == REPORT
    assert record["source"]["name"] == str(report)
    assert record["metadata"]["township"] == "青禾镇"
    for entry in record["indicators"] + record["items"]:
        assert REPORT[entry["start"] : entry["end"]] == entry["text"]
    assert Report.model_validate_json(one.stdout) == Report.model_validate(record)
    other = run(
        "extract", report, "-f", "json", "--with-text", PYTHONHASHSEED="2", LC_ALL="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0"
    )
    assert (other.returncode, other.stderr, other.stdout) == (0, b"", one.stdout)


def test_standard_input_alone_gives_json_and_is_called_as_asked() -> None:
    done = call("extract", "--stdin-name", "石泉.md", "--encoding", "gb18030", stdin=OTHER.encode("gb18030"))
    assert (done.returncode, done.stderr) == (0, b"")
    source = json.loads(done.stdout)["source"]
    assert (source["name"], source["encoding"], source["media_type"]) == ("石泉.md", "gb18030", "text/markdown")
    assert source["characters"] == len(OTHER)
    assert "text" not in source


def test_several_inputs_give_one_line_each_in_order(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    (folder / "inner").mkdir(parents=True)
    for name in ("b.txt", "a.md", "inner/c.TXT", "notes.json", ".hidden.txt", "~$b.txt"):
        _write(folder / name, OTHER)
    single = _write(tmp_path / "single", REPORT)
    done = run("extract", "reports", "-", single.name, "-f", "jsonl", stdin=REPORT.encode(), cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    records = [json.loads(line) for line in done.stdout.decode().split("\n")[:-1]]
    names = [record["source"]["name"] for record in records]
    assert names == [f"reports{os.sep}a.md", f"reports{os.sep}b.txt", f"reports{os.sep}inner{os.sep}c.TXT", "-", "single"]
    assert [record["metadata"]["township"] for record in records] == ["石泉乡"] * 3 + ["青禾镇"] * 2


TABLES = [
    ("summary", "zh", ["文件", "标题", "报告年度"], 1),
    ("indicators", "en", ["source", "report_id", "place", "report_year", "id"], 6),
    ("sections", "zh", ["文件", "报告编号", "地方", "报告年度", "编号"], 3),
    ("items", "en", ["source", "report_id", "place", "report_year", "id"], 4),
    ("findings", "zh", ["文件", "报告编号", "地方", "报告年度", "次序"], 1),
]


def test_each_csv_table_in_a_file_opens_in_a_spreadsheet(tmp_path: Path, report: Path) -> None:
    for table, language, columns, expected in TABLES:
        done = call("extract", report, "-o", tmp_path / f"{table}.csv", "--table", table, "--lang", language)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
        content = (tmp_path / f"{table}.csv").read_bytes()
        assert content.startswith(b"\xef\xbb\xbf")
        header, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        assert header[: len(columns)] == columns
        assert all(len(row) == len(header) and row[0] == str(report) for row in rows)
        top = [row for row in rows if table != "sections" or row[header.index("层级")] == "1"]
        assert len(top) == expected, table


def test_piped_csv_has_no_byte_order_mark_and_no_formula(run: Run, tmp_path: Path) -> None:
    """Names with spaces, commas, newlines, bytes that are no UTF-8, and a formula, in a console that knows ASCII only."""
    names = [b"=cmd(1).txt", b"@x.txt", b"a b,c.txt", b"line\nbreak.txt", b"no\xff.txt", "青 禾.txt".encode()]
    for name in names:
        (tmp_path / os.fsdecode(name)).write_text(REPORT, encoding="utf-8")
    done = run("extract", *names, "-f", "csv", "--lang", "en", cwd=tmp_path, LC_ALL="C", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"source,title,")
    rows = _rows(done.stdout)
    sources = [row[0] for row in rows[1:]]
    assert sources == ["'=cmd(1).txt", "'@x.txt", "a b,c.txt", "line\\nbreak.txt", "no\\udcff.txt", "青 禾.txt"]
    assert len({len(row) for row in rows}) == 1
    own = {0, rows[0].index("report_id")}
    bare = {tuple(cell for column, cell in enumerate(row) if column not in own) for row in rows[1:]}
    assert len(bare) == 1, "the same text, the same row"


def test_json_of_a_file_whose_name_is_no_utf8(tmp_path: Path) -> None:
    name = b"no\xff.txt"
    (tmp_path / os.fsdecode(name)).write_text(REPORT, encoding="utf-8")
    done = call("extract", name, "-f", "json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["source"]["name"] == "no\\udcff.txt"


def test_table_is_for_eyes(run: Run, report: Path) -> None:
    done = run("extract", report.name, "-f", "table", "--lang", "en", cwd=report.parent, LC_ALL="C", COLUMNS="120")
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode()
    assert all(word in text for word in ("file", "qinghe.txt", "青禾镇", "2023"))
    assert "\x1b" not in text


def test_own_rules_from_option_and_environment(tmp_path: Path, report: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    _write(own / "discourse.yaml", "lihgt: []\n")
    for done in (
        call("extract", report, "--catalogue", own, "-o", tmp_path / "x.json"),
        call("extract", report, "-o", tmp_path / "x.json", EXTRACTOR_CATALOGUE=str(own)),
    ):
        assert (done.returncode, done.stdout) == (2, b"")
        message = done.stderr.decode()
        assert message.startswith(f"extractor: {own / 'discourse.yaml'}:1:")
        assert "lihgt" in message
        assert "did you mean 'light'?" in message
        assert not (tmp_path / "x.json").exists()


# ------------------------------------------------------------------------------------------------ help, version, wrong use


def test_version_schema_and_help(run: Run) -> None:
    with ThreadPoolExecutor(2) as pool:
        version, schema, bare, shown = pool.map(
            lambda arguments: run(*arguments, COLUMNS="140"), [["--version"], ["schema"], [], ["extract", "-h"]]
        )
    assert (version.returncode, version.stdout.decode()) == (0, f"extractor {extractor.__version__}\n")
    assert schema.returncode == 0
    assert json.loads(schema.stdout)["properties"].keys() == Report.model_fields.keys()
    assert (bare.returncode, bare.stderr) == (2, b"")
    assert all(word in bare.stdout.decode() for word in ("extract", "schema", "--version"))
    assert (shown.returncode, shown.stderr) == (0, b"")
    text = shown.stdout.decode()
    assert text.count("extractor extract ") >= 3, "examples"
    options = (
        "--format",
        "--output",
        "--table",
        "--lang",
        "--encoding",
        "--stdin-name",
        "--with-text",
        "--catalogue",
        "--fail-on",
    )
    assert all(option in text for option in options)
    assert all(code in text for code in ("0 done", "1 findings", "2 wrong use", "3 some inputs", "130 interrupted"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["extract", "a.txt", "b.txt", "-f", "json"], ["json", "jsonl"]),
        (["extract", "a.txt", "-f", "xml"], ["xml", "jsonl"]),
        (["extrakt"], ["extrakt"]),
    ],
)
def test_wrong_use_ends_with_2_and_says_what_to_do(tmp_path: Path, arguments: list[str], words: list[str]) -> None:
    for name in ("a.txt", "b.txt"):
        _write(tmp_path / name, REPORT)
    done = call(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert all(word in done.stderr.decode() for word in words)
    assert b"Traceback" not in done.stderr


def test_a_terminal_without_input_is_wrong_use(environment: dict[str, str]) -> None:
    master, slave = pty.openpty()
    try:
        done = subprocess.run(
            [*COMMAND, "extract"], stdin=slave, capture_output=True, env=environment, timeout=LIMIT, check=False
        )
    finally:
        os.close(master)
        os.close(slave)
    assert (done.returncode, done.stdout) == (2, b"")
    assert "--help" in _lines(done.stderr)[0]


# ------------------------------------------------------------------------------------------------ inputs that cannot be read

UNREADABLE = {
    "empty.txt": (b"", "is empty"),
    "blank.txt": (b" \r\n\t\n", "is empty"),
    "binary.txt": (bytes(range(256)) * 4, "text"),
    "control.txt": (b"\x01\x02\x03 text " * 40, "binary"),
    "scan.txt": (b"%PDF-1.7\n%\xe2\xe3", "damaged"),
    "word.txt": (b"PK\x03\x04\x14\x00", "zip"),
    "page.txt": (b"\n<!DOCTYPE html>\n<html><body><script>var reports = 57;</script></body></html>", "web page without text"),
    "broken.txt": (REPORT.encode()[:300] + b"\xff\xfe" + REPORT.encode()[300:], "UTF-8"),
}


def test_unreadable_inputs_are_told_of_one_line_each_and_the_others_written(run: Run, tmp_path: Path, report: Path) -> None:
    (tmp_path / "bare").mkdir()
    _write(tmp_path / "bare" / "data.json", b"x")
    for name, (content, _) in UNREADABLE.items():
        _write(tmp_path / name, content)
    reasons = (
        {"missing.txt": "no such file"} | {name: reason for name, (_, reason) in UNREADABLE.items()} | {"bare": "no reports"}
    )
    target = tmp_path / "out.jsonl"
    done = run("extract", report.name, *reasons, report.name, "-o", target, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (3, b"")
    messages = _lines(done.stderr)
    assert [message.split(": ")[1] for message in messages] == list(reasons)
    for message, (name, reason) in zip(messages, reasons.items(), strict=True):
        _, _, rest = message.partition(f"{name}: ")
        cause, _, remedy = rest.partition("; ")
        assert reason in cause
        assert remedy
    assert [json.loads(line)["source"]["name"] for line in target.read_text("utf-8").splitlines()] == ["qinghe.txt"] * 2


def test_wrong_encodings(tmp_path: Path, report: Path) -> None:
    unknown = call("extract", report.name, "-", "--encoding", "utf-9", stdin=b"x", cwd=tmp_path)
    assert (unknown.returncode, unknown.stdout) == (3, b"")
    assert [line.split("; ")[0] for line in _lines(unknown.stderr)] == [
        f"extractor: {name}: cannot be read: there is no encoding 'utf-9'" for name in (report.name, "-")
    ]
    _write(tmp_path / "bailu.txt", TRADITIONAL.encode("big5"))
    wrong = call("extract", report.name, "bailu.txt", "--encoding", "big5", "-f", "jsonl", cwd=tmp_path)
    assert wrong.returncode == 3
    assert "qinghe.txt: is not big5" in _lines(wrong.stderr)[0]
    assert [json.loads(line)["source"]["name"] for line in wrong.stdout.splitlines()] == ["bailu.txt"]


def test_a_text_in_the_place_of_a_file_name() -> None:
    done = call("extract", REPORT.replace("\n", ""))
    assert (done.returncode, done.stdout) == (3, b"")
    assert len(_lines(done.stderr)) == 1


def test_a_message_about_a_name_with_a_newline_is_one_line() -> None:
    done = call("extract", "no\nsuch.txt")
    assert done.returncode == 3
    assert _lines(done.stderr) == ["extractor: no\\nsuch.txt: no such file or folder; check the name"]


# ------------------------------------------------------------------------------------------------ where results go


def test_no_file_where_the_only_input_cannot_be_read(tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    done = call("extract", tmp_path / "missing.txt", "-o", target)
    assert done.returncode == 3
    assert not target.exists()


def test_a_folder_that_is_not_there_cannot_be_written_to(tmp_path: Path, report: Path) -> None:
    done = call("extract", report, "-o", tmp_path / "none" / "out.json")
    assert (done.returncode, done.stdout) == (3, b"")
    message = _lines(done.stderr)[0]
    assert f"{tmp_path / 'none' / 'out.json'}: cannot be written" in message
    assert "-o" in message


def test_a_folder_in_the_place_of_the_output_file(tmp_path: Path, report: Path) -> None:
    done = call("extract", report, "-f", "json", "-o", tmp_path)
    assert (done.returncode, done.stdout) == (3, b"")
    assert _lines(done.stderr) == [f"extractor: {tmp_path}: is a folder; name a file with -o"]


def test_a_pipe_named_as_output_stays_a_pipe(tmp_path: Path, report: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        done = call("extract", report, "-f", "csv", "--table", "items", "-o", pipe)
        received = os.read(reader, 1 << 16)
    finally:
        os.close(reader)
    assert done.returncode == 0
    assert pipe.is_fifo()
    assert len(_rows(received)) == 5


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full on this system")
def test_a_full_disk_is_told_of(report: Path, environment: dict[str, str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, "extract", report], stdout=full, stderr=subprocess.PIPE, env=environment, timeout=LIMIT, check=False
        )
    assert done.returncode == 3
    assert len(_lines(done.stderr)) == 1


# ------------------------------------------------------------------------------------------------ endings


@pytest.fixture
def waiting(environment: dict[str, str], report: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """A command that has one file to read and then waits for standard input."""
    started: list[subprocess.Popen[bytes]] = []
    # a process started where interrupts are ignored, as in the background of a shell, would ignore them too
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    def start(*arguments: str | Path) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [*COMMAND, "extract", report, "-", "-f", "jsonl", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        )
        started.append(process)
        return process

    yield start
    signal.signal(signal.SIGINT, before)
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def test_an_interrupt_keeps_what_was_printed(waiting: Callable[..., subprocess.Popen[bytes]]) -> None:
    process = waiting()
    assert process.stdout is not None
    assert process.stderr is not None
    first = process.stdout.readline()
    process.send_signal(signal.SIGINT)
    assert process.wait(LIMIT) == 130
    assert json.loads(first)["metadata"]["township"] == "青禾镇"
    assert process.stdout.read() == b""
    assert b"Traceback" not in process.stderr.read()


def test_an_interrupt_leaves_the_old_file_whole(waiting: Callable[..., subprocess.Popen[bytes]], tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    target = _write(folder / "records.jsonl", "old\n")
    process = waiting("-o", target)
    deadline = time.monotonic() + LIMIT
    while len(list(folder.iterdir())) == 1 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(list(folder.iterdir())) == 2, "the new file is written beside the old one"
    process.send_signal(signal.SIGINT)
    assert process.wait(LIMIT) == 130
    assert [path.name for path in folder.iterdir()] == ["records.jsonl"]
    assert target.read_text() == "old\n"


def test_a_reader_that_goes_away_ends_the_command_quietly(waiting: Callable[..., subprocess.Popen[bytes]]) -> None:
    process = waiting()
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    process.stdin.write(OTHER.encode())
    process.stdin.close()
    assert process.wait(LIMIT) == -signal.SIGPIPE
    assert process.stderr.read() == b""


# ------------------------------------------------------------------------------------------------ texts that are no report

WATCHED = {"not_a_report", "no_sections", "no_numbers", "placeholder"}
# whether a list of telephone numbers or a program states numbers is not asked here
WITHOUT_NUMBERS = WATCHED - {"no_numbers"}
EXPECTED: dict[str, tuple[str, set[str], set[str]]] = {
    "report": (REPORT, WATCHED, set()),
    "novel": (NOVEL, WATCHED, {"not_a_report", "no_sections"}),
    "phone list": (PHONE_LIST, WITHOUT_NUMBERS, {"not_a_report", "no_sections"}),
    "source code": (SOURCE_CODE, WITHOUT_NUMBERS, {"not_a_report", "no_sections"}),
    "template": (TEMPLATE, WATCHED, {"placeholder", "no_numbers"}),
    "undivided": (UNDIVIDED, WATCHED, {"no_sections"}),
    "unnumbered": (UNNUMBERED, WATCHED, {"no_numbers"}),
}


@pytest.mark.parametrize(("text", "watched", "codes"), EXPECTED.values(), ids=EXPECTED)
def test_any_text_gives_a_valid_record_with_findings(
    request: pytest.FixtureRequest, text: str, watched: set[str], codes: set[str]
) -> None:
    record = extractor.extract(text)
    assert Report.model_validate_json(record.model_dump_json()) == record
    found = {finding.code for finding in record.findings}
    assert found & watched == codes
    texts = request.getfixturevalue("extractor").catalogue.checks.findings
    for finding in record.findings:
        assert finding.severity == texts[finding.code].severity
        assert finding.message
        assert "{" not in finding.message


@pytest.mark.parametrize("text", [NOVEL, PHONE_LIST, SOURCE_CODE], ids=["novel", "phone list", "source code"])
def test_what_is_no_report_has_no_catalogue_numbers(text: str) -> None:
    record = extractor.extract(text)
    assert [indicator.text for indicator in record.indicators if indicator.code is not None] == []
    assert {entry.state for entry in record.summary.values()} == {"absent"}
    assert record.metadata == type(record.metadata)()


def test_a_phone_number_is_no_quantity() -> None:
    record = extractor.extract(PHONE_LIST)
    assert [indicator.text for indicator in record.indicators] == []


def test_a_template_has_no_numbers_but_speaks_of_them() -> None:
    record = extractor.extract(TEMPLATE)
    assert record.indicators == ()
    assert record.metadata.report_year is None
    assert record.summary["mediation.disputes_mediated"].state == "mentioned"
    placeholders = [TEMPLATE[finding.start : finding.end] for finding in record.findings if finding.code == "placeholder"]
    assert placeholders
    assert all(set("*×") & set(place) for place in placeholders)


def test_fail_on_ends_with_1_and_the_record_is_written(tmp_path: Path) -> None:
    novel = _write(tmp_path / "novel.txt", NOVEL)
    done = call("extract", novel, "-f", "json", "--fail-on", "warning")
    assert (done.returncode, done.stderr) == (1, b"")
    assert {finding["code"] for finding in json.loads(done.stdout)["findings"]} >= {"not_a_report", "no_sections"}
    lenient = call("extract", novel, "-f", "json", "--fail-on", "error")
    assert (lenient.returncode, lenient.stdout) == (0, done.stdout)


# ------------------------------------------------------------------------------------------------ formats, archives, limits


def _archive(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def test_an_archive_gives_a_record_for_each_member_and_errors_for_the_others(tmp_path: Path) -> None:
    page = f"<html><body><p>{REPORT}</p></body></html>".encode()
    _archive(tmp_path / "reports.zip", {"a.txt": REPORT.encode("gbk"), "b.txt": b"", "in/c.html": page, "notes.json": b"{}"})
    done = call("extract", "reports.zip", cwd=tmp_path)
    assert done.returncode == 3
    assert _lines(done.stderr) == ["extractor: reports.zip/b.txt: is empty; give a file with the report's text"]
    sources = [json.loads(line)["source"] for line in done.stdout.splitlines()]
    assert [(source["name"], source["media_type"], source["encoding"]) for source in sources] == [
        ("reports.zip/a.txt", "text/plain", "gb18030"),
        ("reports.zip/in/c.html", "text/html", "utf-8"),
    ]


def test_json_holds_one_member_and_not_two(tmp_path: Path) -> None:
    _archive(tmp_path / "one.zip", {"a.txt": REPORT.encode()})
    _archive(tmp_path / "two.zip", {"a.txt": REPORT.encode(), "b.txt": OTHER.encode()})
    one = call("extract", "one.zip", "-f", "json", cwd=tmp_path)
    assert (one.returncode, json.loads(one.stdout)["source"]["name"]) == (0, "one.zip/a.txt")
    two = call("extract", "two.zip", "-f", "json", "-o", "out.json", cwd=tmp_path)
    assert (two.returncode, two.stdout) == (2, b"")
    assert "use -f jsonl" in two.stderr.decode()
    assert not (tmp_path / "out.json").exists()
    assert len(call("extract", "two.zip", cwd=tmp_path).stdout.splitlines()) == 2
    piped = call("extract", "-f", "jsonl", "--stdin-name", "in.zip", stdin=(tmp_path / "two.zip").read_bytes())
    assert [json.loads(line)["source"]["name"] for line in piped.stdout.splitlines()] == ["in.zip/a.txt", "in.zip/b.txt"]


def test_indicators_of_a_page_say_where_they_stand(tmp_path: Path) -> None:
    lines = "".join(f"<p>{line}</p>" for line in REPORT.split("\n"))
    _write(tmp_path / "a.html", f"<html><body>{lines}</body></html>")
    record = json.loads(call("extract", "a.html", cwd=tmp_path).stdout)
    places = {i["text"]: i["location"] for i in record["indicators"]}
    assert places["57起"] == {"page": None, "paragraph": 3, "sheet": None, "cell": None}


def test_bytes_that_cannot_be_decoded_are_an_error_or_a_finding(tmp_path: Path) -> None:
    _write(tmp_path / "a.txt", REPORT.encode() + b"\xff")
    strict = call("extract", "a.txt", cwd=tmp_path)
    assert (strict.returncode, strict.stdout) == (3, b"")
    assert "--encoding-errors replace" in strict.stderr.decode()
    replaced = call("extract", "a.txt", "--encoding-errors", "replace", "--with-text", cwd=tmp_path)
    assert (replaced.returncode, replaced.stderr) == (0, b"")
    record = json.loads(replaced.stdout)
    (finding,) = [f for f in record["findings"] if f["code"] == "replaced_characters"]
    assert record["source"]["text"][finding["start"] : finding["end"]] == "\ufffd"


def test_limits_are_set_by_option_and_environment(tmp_path: Path, report: Path) -> None:
    for given in ({"arguments": ("--limit", "characters=64")}, {"EXTRACTOR_LIMITS": "seconds=5 characters=64"}):
        arguments = given.pop("arguments", ())
        done = call("extract", report.name, *arguments, cwd=tmp_path, **given)
        assert done.returncode == 3
        assert "more than 64 characters" in done.stderr.decode()
    assert call("explain", report.name, "--limit", "file_bytes=1K", cwd=tmp_path).returncode == 0
    assert call("explain", report.name, "--limit", "file_bytes=100", cwd=tmp_path).returncode == 3
    assert call("catalogue", "discover", report.name, "--limit", "characters=3", cwd=tmp_path).returncode == 3


@pytest.mark.parametrize(
    "limit", ["nix=3", "seconds", "pages=", "pages=-1", "pages=0", "pages=1.5", "seconds=nan", "pages=9T", "seconds=1e400"]
)
def test_limits_that_there_are_not(tmp_path: Path, report: Path, limit: str) -> None:
    done = call("extract", report.name, "--limit", limit, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert f"--limit {limit}: " in done.stderr.decode()
