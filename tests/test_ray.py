"""The cluster engine against the local one: the same records, failures and digests; parts that are resumed one by one."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import fsspec
import pytest
from fsspec.implementations.local import LocalFileSystem
from pyarrow import parquet

from extractor.batch.discover import Selection
from extractor.batch.parts import MARKS, TABLES, Made, Parts, made_of, part_of
from extractor.batch.ray import ClusterPlan, _converter, _look, _rules, do_part
from extractor.batch.storage import Item, inputs, place_of
from extractor.batch.task import BatchOptions, Failure
from extractor.batch.worker import Settings
from extractor.errors import UsageError
from extractor.pipeline import document_of
from tests.conftest import SAMPLES, call
from tests.stages import CATALOGUE, STAGES

SETTINGS = Settings(BatchOptions(), "en", 60.0, 0)
RULES = _rules(SETTINGS, CATALOGUE)
UNDATED = "一、主要做法\n全镇共调解矛盾纠纷57起，调解成功率98.2%。\n"


def reports(folder: Path) -> Path:
    """A folder of reports, one of them not readable and one without a year."""
    (folder / "inner").mkdir(parents=True)
    for sample in SAMPLES:
        text = sample.read_text(encoding="utf-8")
        for copy in range(3):
            target = folder / ("inner" if copy else ".") / f"{sample.stem}-{copy}.txt"
            target.write_text(text.replace("调解成功", f"调解成功{'第' * copy}", 1), encoding="utf-8")
    (folder / "undated.txt").write_text(UNDATED, encoding="utf-8")
    (folder / "damaged.txt").write_bytes(bytes(range(128, 256)) * 4)
    return folder


def local(folder: Path, output: Path) -> tuple[list[str], list[list[str]], list[str]]:
    """Records, failures and digests as the local engine gives them, sorted."""
    call("batch", folder.name, "-o", output, "--jobs", "1", "--quiet", cwd=folder.parent)
    with (output / "failures.csv").open(encoding="utf-8-sig", newline="") as stream:
        failures = sorted(list(csv.reader(stream))[1:])
    records = (output / "records.jsonl").read_text("utf-8").splitlines()
    return sorted(records), failures, sorted((output / ".batch" / "sketches.jsonl").read_text("utf-8").splitlines())


def cluster(output: Path) -> tuple[list[str], list[list[str]], list[str]]:
    """The same as the cluster engine wrote it."""
    records = [row["record"] for file in output.glob("records/*/*.parquet") for row in rows(file)]
    failures = [list(row.values()) for file in output.glob("failures/*.parquet") for row in rows(file)]
    digests = [line for file in output.glob("digests/*.jsonl") for line in file.read_text("utf-8").splitlines()]
    return sorted(records), sorted(failures), sorted(digests)


def rows(file: Path) -> list[dict[str, object]]:
    return parquet.ParquetFile(file).read().to_pylist()


def written(output: Path) -> dict[str, int]:
    """The files of the results and their times."""
    return {str(file): file.stat().st_mtime_ns for name in TABLES for file in (output / name).rglob("part-*")}


# ------------------------------------------------------------------------------------------------ a real cluster


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A Ray cluster on this machine: two nodes, one worker each, and nothing that only looks on."""
    program = """
import os, sys
os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_worker_niceness": "0"}
from ray.cluster_utils import Cluster
node = {"num_cpus": 1, "object_store_memory": 100 * 1024**2}
node |= {"include_dashboard": False, "include_log_monitor": False, "no_monitor": True}
cluster = Cluster(initialize_head=True, head_node_args=node)
cluster.add_node(num_cpus=1, object_store_memory=100 * 1024**2)
print("address", cluster.address, flush=True)
sys.stdin.read()
cluster.shutdown()
"""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", program], text=True, stderr=subprocess.DEVNULL, **pipes) as process:
        assert process.stdout is not None
        yield next(line.split()[1] for line in process.stdout if line.startswith("address"))
        process.communicate("")


def on_cluster(folder: Path, output: Path, address: str, *options: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "extractor", "batch", folder.name, "-o", str(output), "--engine", "ray"]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    return subprocess.run(
        [*command, "--address", address, "--part-size", "9", "--log-format", "json", *options],
        cwd=folder.parent,
        capture_output=True,
        env=environment,
        timeout=600,
        check=False,
    )


def test_a_cluster_gives_what_one_machine_gives_and_resumes_part_by_part(tmp_path: Path, address: str) -> None:
    folder, output = reports(tmp_path / "reports"), tmp_path / "cluster"
    done = on_cluster(folder, output, address)
    assert done.returncode == 3, done.stderr.decode()
    expected = local(folder, tmp_path / "first")
    assert cluster(output) == expected
    assert [len(part) for part in expected] == [37, 1, 37]
    assert {file.parent.name for file in output.glob("records/*/*")} >= {"year=2023", "year=__HIVE_DEFAULT_PARTITION__"}
    first = json.loads((output / "run.json").read_bytes())
    assert first["counts"] == {
        "inputs": 38, "records": 37, "failures": 1, "failures_by_code": {"undecodable": 1}, "parts": 5
    }  # fmt: skip

    # one part was never finished, one file changed, one came, one went
    before = written(output)
    marks = Parts(place_of(str(output)))
    interrupted = part_of("reports/undated.txt", 5)
    (output / MARKS / f"part-{interrupted:05}.json").unlink()
    changed, came, gone = folder / "bixun-2023-0.txt", folder / "new.txt", folder / "inner" / "moshi-2024-1.txt"
    changed.write_text(changed.read_text("utf-8") + "\n调解矛盾纠纷9999起。\n", encoding="utf-8")
    came.write_text(UNDATED + "开展宣传12场次。\n", encoding="utf-8")
    gone.unlink()
    touched = {interrupted} | {part_of(str(file.relative_to(tmp_path)), 5) for file in (changed, came, gone)}
    # one worker is enough for what is left, and does parts that two have begun
    done = on_cluster(folder, output, address, "--resume", "--jobs", "1")
    assert done.returncode == 3, done.stderr.decode()
    assert cluster(output) == local(folder, tmp_path / "second")
    after = written(output)
    untouched = {file: time for file, time in before.items() if int(Path(file).name[5:10]) not in touched}
    assert untouched
    assert untouched.items() <= after.items()
    assert {file for mark in marks.marks(5) for file in mark.files} == {str(Path(f).relative_to(output)) for f in after}
    second = json.loads((output / "run.json").read_bytes())["this_run"]
    assert (second["vanished"], second["converted"] + second["unchanged"]) == (1, 38)
    assert 0 < second["unchanged"] < 37


# ------------------------------------------------------------------------------------------------ parts, without a cluster


@pytest.fixture
def _main_module() -> Iterator[None]:
    """A worker changes what is known of its main module: here that of the tests, and one of several processes has no file."""
    main = sys.modules["__main__"]
    known = getattr(main, "__file__", None)
    yield
    if known is None:
        vars(main).pop("__file__", None)
    else:
        main.__file__ = known


@pytest.fixture(scope="module", autouse=True)
def _converter_ends() -> Iterator[None]:
    """What a process of the cluster keeps until it ends, this one keeps no longer than these tests."""
    yield
    converter = _converter(SETTINGS)
    converter.close()
    shutil.rmtree(converter.folder)
    _converter.cache_clear()


class Shelf(LocalFileSystem):
    protocol = "shelf"

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return path.removeprefix("shelf://")


@pytest.mark.usefixtures("_main_module")
def test_inputs_and_results_may_lie_wherever_a_file_system_is_known(tmp_path: Path) -> None:
    """`shelf:` is known to fsspec alone: everything goes through it as it would to an object store."""
    fsspec.register_implementation("shelf", Shelf, clobber=True)
    folder = tmp_path / "reports"
    folder.mkdir()
    for sample in SAMPLES[:2]:
        (folder / sample.name).write_bytes(sample.read_bytes())
    output = f"shelf://{tmp_path}/out"
    place = place_of(output)
    assert not place.is_local
    found = sorted(inputs([f"shelf://{folder}"], Selection()))
    assert [item.name for item in found] == [f"shelf://{folder}/{sample.name}" for sample in SAMPLES[:2]]
    parts = Parts(place)
    gone = Item(f"shelf://{folder}/gone.txt", 3, 3, f"shelf://{folder}/gone.txt")
    parts.plan(0, [*found, gone])
    row = do_part({"part": [0], "name": ["name"]}, output, SETTINGS, RULES)  # type: ignore[dict-item]
    assert (row["records"], row["error"]) == ([2], [""])
    records, failures, _ = cluster(tmp_path / "out")
    texts = {f"shelf://{folder}/{sample.name}": sample.read_text(encoding="utf-8") for sample in SAMPLES[:2]}
    for line in records:
        record = json.loads(line)
        alone = json.loads(STAGES.extract(document_of(texts[record["source"]["name"]])).model_dump_json())
        assert {key: record[key] for key in record if key != "source"} == {key: alone[key] for key in alone if key != "source"}
    assert [failure[:2] for failure in failures] == [[gone.name, "unreadable"]]


def test_workers_with_other_rules_do_nothing(tmp_path: Path) -> None:
    parts = Parts(place_of(str(tmp_path)))
    parts.plan(0, [Item(str(SAMPLES[0]), 1, 1, str(SAMPLES[0]))])
    row = do_part({"part": [0], "name": ["name"]}, str(tmp_path), SETTINGS, RULES.replace("1.0", "0.9"))  # type: ignore[dict-item]
    assert "another version or other rules" in row["error"][0]
    assert parts.mark(0) is None


def test_a_name_without_a_known_file_system_is_wrong_use() -> None:
    with pytest.raises(UsageError, match=r"nowhere://x: no file system is known"):
        place_of("nowhere://x")


def test_a_part_is_made_again_when_its_inputs_or_the_rules_change() -> None:
    items = [Item("a", 1, 1, "/a"), Item("b", 2, 2, "/b")]
    assert made_of(items, "r") == made_of(items[::-1], "r")
    names = {made_of(items, "r"), made_of(items, "s"), made_of(items[:1], "r"), made_of([items[0], Item("b", 2, 3, "/b")], "r")}
    assert len(names) == 4


def made(*records: str, failures: tuple[Failure, ...] = ()) -> Made:
    return Made(list(records), [f'{{"digest": {at}}}' for at in range(len(records))], list(failures), 10)


def record(year: int | None, name: str = "a.txt") -> str:
    text = f"{year}年度法治政府建设情况报告\n{UNDATED}" if year else UNDATED
    return STAGES.extract(document_of(text, name)).model_dump_json()


def test_a_part_that_is_done_again_leaves_nothing_of_before(tmp_path: Path) -> None:
    parts = Parts(place_of(str(tmp_path)))
    failure = Failure("b.txt", "unreadable", "is empty", "name another")
    first = parts.finish(3, "first", made(record(2020), record(2021, "c.txt"), failures=(failure,)))
    assert (first.records, first.failures, first.bytes, first.quantities) == (2, {"unreadable": 1}, 10, 4)
    assert sorted(first.files) == sorted(str(Path(file).relative_to(tmp_path)) for file in written(tmp_path))
    second = parts.finish(3, "second", made(record(2020)))
    assert sorted(second.files) == sorted(str(Path(file).relative_to(tmp_path)) for file in written(tmp_path))
    assert parts.mark(3) == second
    (row,) = rows(next(tmp_path.glob("records/year=2020/*")))
    assert (row["file"], row["record"], row["quantities"]) == ("a.txt", record(2020), 2)
    values = [(row["code"], row["value"], row["unit"]) for row in rows(next(tmp_path.glob("indicators/year=2020/*")))]
    assert values == [("mediation.disputes_mediated", 57.0, "起"), ("mediation.success_rate", 98.2, "%")]


def test_what_a_broken_run_left_over_is_removed_and_nothing_else(tmp_path: Path) -> None:
    parts = Parts(place_of(str(tmp_path)))
    mark = parts.finish(0, "kept", made(record(2020)))
    parts.finish(1, "broken", made(record(2021)))
    (tmp_path / MARKS / "part-00001.json").unlink()
    (tmp_path / "failures").mkdir()
    (tmp_path / "failures" / ".part-00002-x.parquet").write_bytes(b"half")
    parts.remove_leftovers(2)
    assert {str(Path(file).relative_to(tmp_path)) for file in written(tmp_path)} == set(mark.files)
    assert list((tmp_path / "failures").iterdir()) == []


def test_a_part_whose_inputs_are_gone_is_forgotten(tmp_path: Path) -> None:
    parts = Parts(place_of(str(tmp_path)))
    parts.plan(0, [Item("a.txt", 1, 1, "/a.txt")])
    parts.finish(0, "name", made(record(2020)))
    parts.forget(0)
    assert written(tmp_path) == {}
    assert parts.mark(0) is None


@pytest.mark.parametrize("unread", [False, True])
def test_a_part_with_inputs_that_could_not_be_read_is_tried_again(tmp_path: Path, unread: bool) -> None:
    (tmp_path / "a.txt").write_text(UNDATED, encoding="utf-8")
    plan = ClusterPlan([str(tmp_path)], str(tmp_path / "out"), SETTINGS)
    place = place_of(plan.output)
    place.make_folder(place.below(MARKS).path)
    parts = Parts(place)
    _, todo, tally = _look(plan, parts, RULES)
    assert (list(todo), tally.new) == ([0], 1)
    parts.finish(0, todo[0], replace(made(failures=(Failure("a.txt", "timed_out", "", ""),)), unread=unread))
    _, todo, tally = _look(plan, parts, RULES)
    assert (len(todo), tally.changed, tally.unchanged) == (unread, unread, not unread)


@pytest.mark.usefixtures("_main_module")
def test_an_archive_gives_its_members_under_its_own_name(tmp_path: Path) -> None:
    fsspec.register_implementation("shelf", Shelf, clobber=True)
    archive = tmp_path / "two.zip"
    with zipfile.ZipFile(archive, "w") as stream:
        stream.writestr("a.txt", SAMPLES[0].read_text("utf-8"))
        stream.writestr("inner/bad.txt", b"")
        stream.writestr("inner/b.txt", SAMPLES[1].read_text("utf-8"))
    missing = str(tmp_path / "missing.txt")
    for number, name in enumerate(("reports/two.zip", "shelf://x/two.zip")):
        path = str(archive) if number == 0 else f"shelf://{archive}"
        output = tmp_path / str(number)
        Parts(place_of(str(output))).plan(0, [Item(name, 1, 1, path), Item("z/missing.txt", -1, -1, missing)])
        row = do_part({"part": [0], "name": ["name"]}, str(output), SETTINGS, RULES)  # type: ignore[dict-item]
        assert (row["records"], row["error"]) == ([2], [""])
        records, failures, _ = cluster(output)
        assert [json.loads(line)["source"]["name"] for line in records] == [f"{name}/a.txt", f"{name}/inner/b.txt"]
        assert [failure[0] for failure in failures] == [f"{name}/inner/bad.txt", "z/missing.txt"]
        mark = Parts(place_of(str(output))).mark(0)
        assert mark is not None
        assert mark.unread


def test_an_output_folder_is_not_taken_twice(tmp_path: Path) -> None:
    Parts(place_of(str(tmp_path))).folder.below(MARKS)
    (tmp_path / MARKS).mkdir()
    Parts(place_of(str(tmp_path))).count(5, 2)
    done = call("batch", SAMPLES[0], "-o", tmp_path, "--engine", "ray")
    assert done.returncode == 2
    assert b"use --resume to go on with it" in done.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--engine", "ray", "--watch"), b"--watch is for --engine local"),
        (("--address", "auto"), b"--address is for --engine ray"),
    ],
)
def test_options_that_do_not_go_together_are_wrong_use(tmp_path: Path, options: tuple[str, ...], message: bytes) -> None:
    done = call("batch", SAMPLES[0], "-o", tmp_path / "out", *options)
    assert done.returncode == 2
    assert message in done.stderr
