"""Every block of docs/analysis.md is run, in its order: what it shows must work on what the commands before it made."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import openpyxl
import pytest

from tests.conftest import REPOSITORY

PAGE = (REPOSITORY / "docs" / "analysis.md").read_text("utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CODE, REPORTED = "mediation.disputes_accepted", 183


def _blocks(language: str) -> list[str]:
    return [body for found, body in BLOCK.findall(PAGE) if found == language]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the samples, after the page's commands were run there."""
    place = tmp_path_factory.mktemp("analysis")
    shutil.copytree(REPOSITORY / "samples", place / "samples", ignore=shutil.ignore_patterns("*.json", "records"))
    (commands,) = _blocks("console")
    script = "\n".join(line.removeprefix("$ ") for line in commands.splitlines())
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(["bash", "-e", "-c", script], cwd=place, env=os.environ | {"PATH": path}, check=True, timeout=120)
    yield place


def test_the_pandas_blocks_run_and_draw_the_plot(folder: Path) -> None:
    program = "\n".join(_blocks("python"))
    done = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert str(REPORTED) in done.stdout
    assert (folder / "out" / "panel.png").read_bytes().startswith(b"\x89PNG")


def test_the_duckdb_queries_give_the_panel(folder: Path) -> None:
    queries = [query.replace("'out/", f"'{folder}/out/") for query in _blocks("sql")]
    panel, medians = (duckdb.sql(query).fetchall() for query in queries)
    assert (REPORTED, 98.4) in {row[2:] for row in panel}
    assert any(row[0] == "mediation.success_rate" and row[1] >= 3 for row in medians)


def test_the_formula_names_the_columns_that_it_says(folder: Path) -> None:
    """Worked out by hand over the cells that the formula's columns hold."""
    (formula,) = (body for body in _blocks("text") if body.startswith("=SUMIFS"))
    sheet = openpyxl.load_workbook(folder / "out" / "reports.xlsx")["指标明细"]
    heads = {column: sheet[f"{column}1"].value for column in re.findall(r"\$([A-Z]):", formula)}
    assert list(heads.values()) == ["数值", "地方", "报告年度", "指标代码", "性质", "所属总数"]
    rows = [dict(zip([c.value for c in sheet[1]], [c.value for c in row], strict=True)) for row in sheet.iter_rows(min_row=2)]
    mine = [row for row in rows if row["地方"] == "碧潯鎮" and row["报告年度"] == 2023 and row["指标代码"] == CODE]
    assert sum(row["数值"] for row in mine if row["性质"] == "实际" and row["所属总数"] is None) == REPORTED
