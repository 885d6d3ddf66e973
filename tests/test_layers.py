"""The direction of imports, who may touch files, and what is not imported before it is needed."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase
from graphlib import TopologicalSorter
from itertools import pairwise
from pathlib import Path

import pytest

from tests.conftest import LONGEST

PACKAGE = Path(__file__).parents[1] / "extractor"

DATA = ("errors", "models", "types", "numerals", "patterns", "catalogue.models")
STAGES = ("cleaning", "outline", "items", "metadata", "quantities", "modality", "indicators", "attribution", "summary", "words")
COMMAND = ("", *DATA, "catalogue*", "pipeline", "reading*", "writing*")

# What each module may import from the package, at the top or inside a function; imports for type checkers alone are free.
# Names may end in `*`. A new module takes its place here: below what it uses, above what uses it.
ALLOWED: dict[str, tuple[str, ...]] = {
    # what everything stands on
    "errors": (),
    "keeping": (),
    "patterns": ("keeping",),
    "models": (),
    "numerals": (),
    "types": ("models",),
    "gold": ("models",),
    # rules
    "catalogue.models": ("models",),
    "catalogue.files": ("errors",),
    "catalogue.lexicon": ("catalogue.models",),
    "catalogue.firsts": ("catalogue.models",),
    "catalogue.findings": ("catalogue.models",),
    "catalogue.loader": (
        "catalogue.files",
        "catalogue.findings",
        "catalogue.firsts",
        "catalogue.lexicon",
        "catalogue.models",
        "errors",
    ),
    "catalogue.memory": ("catalogue.files", "catalogue.loader", "catalogue.models", "keeping"),
    "catalogue.examples": ("catalogue.files", "catalogue.loader", "catalogue.models", "models"),
    "catalogue": ("catalogue.loader", "catalogue.models"),
    # read
    "reading.types": ("types",),
    "reading.text": ("errors", "types", "reading.types"),
    "reading.tables": (),
    "reading.assembly": ("errors", "types", "reading.types"),
    "reading.html": ("errors", "types", "reading.assembly", "reading.tables", "reading.text", "reading.types"),
    "reading.eml": ("errors", "reading.html", "reading.text", "reading.types"),
    "reading.zips": ("errors", "reading.types"),
    "reading.formats": ("errors", "reading.types", "reading.zips"),
    "reading.archives": ("errors", "reading.eml", "reading.formats", "reading.text", "reading.types", "reading.zips"),
    "reading.package": ("errors", "reading.types"),
    "reading.layout": ("types", "reading.assembly"),
    "reading.numbering": (),
    "reading.docx": (
        *("errors", "types", "reading.assembly", "reading.numbering", "reading.package", "reading.tables", "reading.types"),
    ),
    "reading.xlsx": ("errors", "types", "reading.assembly", "reading.package", "reading.tables", "reading.types"),
    "reading.office": ("errors", "reading.docx", "reading.package", "reading.types"),
    "reading.pace": (),
    "reading.ocr": ("errors", "reading.assembly", "reading.layout", "reading.pace", "reading.package", "reading.types"),
    "reading.pdf": (
        *("errors", "types", "reading.assembly", "reading.layout", "reading.ocr", "reading.package", "reading.types"),
    ),
    "reading.worker": ("errors", "reading.formats", "reading.pace", "reading.types"),
    "reading.guard": ("errors", "types", "reading.formats", "reading.types", "reading.worker"),
    "reading": ("errors", "types", "reading.archives", "reading.formats", "reading.guard", "reading.text", "reading.types"),
    "reading.gold": ("errors", "gold", "models", "types", "reading", "reading.records"),
    "reading.records": ("errors", "models", "reading"),
    "reading.workbook": ("corrections", "errors"),
    # clean, outline
    "folding": ("patterns",),
    "cleaning": (*DATA, "folding"),
    "outline": (*DATA, "cleaning"),
    "items": (*DATA, "cleaning", "outline"),
    "metadata": (*DATA, "cleaning", "outline"),
    # quantities, indicators
    "quantities": DATA,
    "modality": DATA,
    "words": ("patterns", "types"),
    "automaton": (),
    "indicators": (*DATA, "automaton", "catalogue.lexicon"),
    "attribution": (*DATA, "quantities", "modality", "indicators"),
    "summary": (*DATA, "indicators"),
    # checks, and all stages in their order
    "checks.doubt": ("types", "cleaning"),
    "checks.form": ("cleaning", "patterns", "checks.doubt"),
    "checks.numbers": ("types", "checks.doubt"),
    "checks.parts": ("patterns", "types", "checks.doubt"),
    "checks.relations": ("patterns", "types", "checks.doubt"),
    "checks.identity": ("cleaning", "patterns", "checks.doubt"),
    "checks": ("types", "checks.*"),
    "pipeline": (*DATA, *STAGES, "catalogue", "catalogue.memory", "checks"),
    "explaining": (
        "catalogue.loader",
        "catalogue.models",
        "cleaning",
        "errors",
        "indicators",
        "patterns",
        "pipeline",
        "quantities",
        "types",
    ),
    "evaluation": ("gold", "models"),
    "corrections": ("catalogue.models", "models", "summary"),
    "discovery": ("catalogue.models", "indicators", "patterns", "pipeline", "types", "words"),
    # many reports beside each other
    "corpus.types": ("models",),
    "corpus.signatures": (),
    "corpus.outliers": (),
    "corpus.digests": ("corpus.signatures", "corpus.types", "errors"),
    "corpus.store": ("corpus.types",),
    "corpus.wording": ("corpus.store", "corpus.types"),
    "corpus.copies": ("corpus.signatures", "corpus.store", "corpus.types", "corpus.wording", "errors"),
    "corpus.series": ("corpus.outliers", "corpus.store", "corpus.types", "corpus.wording"),
    "corpus": ("corpus.copies", "corpus.digests", "corpus.series", "corpus.store", "corpus.types"),
    # write
    "writing": (),
    "writing.target": ("errors",),
    "writing.schema": ("models",),
    "writing.rows": ("catalogue.models", "models"),
    "writing.csv": ("catalogue.models", "models", "writing.rows"),
    "writing.table": ("models", "writing.rows"),
    "writing.parquet": ("", "catalogue.models", "errors", "models", "writing.rows"),
    "writing.sqlite": ("catalogue.models", "models", "writing.rows"),
    "writing.workbook": ("writing.rows",),
    "writing.xlsx": ("", "catalogue.models", "models", "writing.rows", "writing.workbook"),
    "writing.export": ("errors", "models", "writing.*"),
    "writing.catalogue": (
        "catalogue.examples",
        "catalogue.models",
        "discovery",
        "explaining",
        "writing.csv",
        "writing.explanation",
    ),
    "writing.findings": ("catalogue.models", "models", "writing.explanation"),
    "writing.corpus": ("corpus", "writing.csv", "writing.rows"),
    "writing.evaluation": ("evaluation",),
    "writing.explanation": ("explaining", "writing.rows"),
    # many reports
    "batch": (),
    "batch.task": ("errors", "models", "pipeline", "reading*", "types"),
    "batch.corpus": ("errors", "batch.task", "corpus", "writing.rows"),
    "batch.discover": ("reading*",),
    "batch.lock": ("errors",),
    "batch.journal": ("errors", "batch.discover"),
    "batch.worker": ("errors", "models", "pipeline", "reading*", "writing.*", "batch.corpus", "batch.journal", "batch.task"),
    "batch.pool": ("errors", "batch.journal", "batch.task", "batch.worker"),
    "batch.outputs": ("catalogue.models", "writing.*", "batch.corpus", "batch.journal", "batch.worker"),
    "batch.run": (
        "",
        "catalogue.models",
        "errors",
        "models",
        "pipeline",
        "reading*",
        "batch.discover",
        "batch.journal",
        "batch.lock",
        "batch.outputs",
        "batch.pool",
        "batch.task",
        "batch.worker",
    ),
    "batch.watch": ("batch.discover", "batch.run"),
    "batch.storage": ("errors", "batch.discover"),
    "batch.parts": ("batch.storage", "batch.task"),
    "batch.ray": ("errors", "models", "", "pipeline", "reading", "batch.*"),
    # what is called from outside
    "": ("catalogue", "models", "pipeline", "reading"),
    "cli.reading": ("errors", "reading"),
    "cli.extract": (*COMMAND, "cli.reading"),
    "cli.export": (*COMMAND, "cli.extract"),
    "cli.correct": (*COMMAND, "corrections"),
    "cli.corpus": (*COMMAND, "cli.extract", "corpus"),
    "cli.progress": ("errors", "batch.task"),
    "cli.batch": (*COMMAND, "batch.*", "cli.export", "cli.extract", "cli.progress", "cli.reading"),
    "cli.schema": COMMAND,
    "cli.explain": (*COMMAND, "cli.reading", "explaining"),
    "cli.findings": (*COMMAND, "cli.reading"),
    "cli.evaluate": (*COMMAND, "evaluation", "gold"),
    "cli.catalogue": (*COMMAND, "cli.reading", "discovery", "explaining"),
    "cli": ("", "cli.*"),
    "__main__": ("errors", "cli"),
}

# Libraries, and the modules that may know them.
LIBRARIES: dict[str, tuple[str, ...]] = {
    "ahocorasick_rs": ("automaton",),
    "jieba": ("words", "discovery"),
    "lxml": ("reading.html", "reading.package"),
    "msgspec": ("reading.records",),
    "numpy": ("reading.ocr",),
    "openpyxl": ("reading.workbook", "reading.xlsx"),
    "PIL": ("reading.ocr",),
    "pypdfium2": ("reading.pdf",),
    "rapidocr": ("reading.ocr",),
    "pydantic": (
        *("models", "gold", "evaluation", "catalogue.*", "reading.gold", "reading.records", "corrections", "corpus.digests"),
    ),
    "regex": ("catalogue.*", "patterns", "explaining", "discovery", "checks.*", *STAGES),
    "rensa": ("corpus.signatures", "corpus.copies"),
    "rich": ("writing.*", "cli*"),
    "typer": ("cli*",),
    "watchdog": ("batch.watch",),
    "xlsxwriter": ("writing.xlsx",),
    # columns in files; the cluster engine
    "pyarrow": ("writing.parquet", "batch.storage", "batch.parts"),
    "ray": ("batch.ray",),
    "fsspec": ("batch.storage",),
    "yaml": ("catalogue.loader",),
}

TOUCH_FILES = (
    "keeping",
    "batch*",
    "reading*",
    "catalogue.files",
    "catalogue.loader",
    "catalogue.examples",
    "writing*",
    "cli*",
    "__main__",
)
FILE_MODULES = {"fileinput", "glob", "io", "mmap", "pathlib", "shutil", "subprocess", "tempfile"}
FILE_METHODS = {"read_text", "write_text", "read_bytes", "write_bytes", "iterdir", "unlink"}
HARMLESS_OS = {"PathLike", "fspath"}
READS_ENVIRONMENT = ("",)
"""What is called from outside may ask for the folder of rules that the environment names."""
TELLS_TIME = ("batch.pool", "batch.ray", "batch.run", "batch.watch", "cli*", "reading.guard", "__main__")
"""What watches over a run: time-outs, durations, files that have settled. None of it enters a record."""
NOT_THE_SAME_TWICE = {"getpass", "locale", "platform", "random", "secrets", "socket", "time", "uuid"}


def _modules() -> dict[str, ast.Module]:
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(path.read_text("utf-8"), str(path))
    return found


MODULES = _modules()


def _is_for_type_checkers(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes that run."""
    for child in ast.iter_child_nodes(tree):
        if not _is_for_type_checkers(child):
            yield child
            yield from _nodes(child)


def _imports(tree: ast.Module) -> Iterator[str]:
    """Full names of the modules that a module imports, anywhere in it."""
    for node in _nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name the package"
            module = node.module or ""
            inner = module.removeprefix("extractor").lstrip(".")
            for alias in node.names:
                is_module = module.split(".")[0] == "extractor" and f"{inner}.{alias.name}".lstrip(".") in MODULES
                yield f"{module}.{alias.name}" if is_module else module


def _own_imports(tree: ast.Module) -> set[str]:
    names = {name for name in _imports(tree) if name.split(".")[0] == "extractor"}
    return {name.removeprefix("extractor").lstrip(".") for name in names}


def _outside_imports(tree: ast.Module) -> set[str]:
    return {name.split(".")[0] for name in _imports(tree)} - {"extractor"}


def _fits(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def test_the_table_and_the_package_name_the_same_modules() -> None:
    assert sorted(set(MODULES) - set(ALLOWED)) == [], "a new module takes its place in ALLOWED"
    assert sorted(set(ALLOWED) - set(MODULES)) == [], "a module that is gone leaves ALLOWED"


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_what_lies_below_it(module: str) -> None:
    allowed = ALLOWED.get(module, ())
    assert sorted(name for name in _own_imports(MODULES[module]) if not _fits(name, allowed)) == []


def test_the_table_goes_one_way() -> None:
    graph = {
        module: {name for name in ALLOWED if name != module and _fits(name, allowed)} for module, allowed in ALLOWED.items()
    }
    order = list(TopologicalSorter(graph).static_order())
    stages = ["reading", "cleaning", "outline", "quantities", "indicators", "checks", "writing.csv", "cli", "__main__"]
    for name, later in pairwise(stages):
        assert name in order
        assert later not in graph[name]


@pytest.mark.parametrize("module", MODULES)
def test_a_library_is_known_where_it_belongs(module: str) -> None:
    outside = _outside_imports(MODULES[module]) - set(sys.stdlib_module_names)
    assert sorted(outside - set(LIBRARIES)) == []
    assert sorted(name for name in outside if not _fits(module, LIBRARIES[name])) == []


def _file_touches(tree: ast.Module) -> list[str]:
    """What of a module would touch files."""
    found = [f"import {name}" for name in sorted(_outside_imports(tree) & FILE_MODULES)]
    for node in _nodes(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in ("open", "print", "input"):
            found.append(node.id)
        elif isinstance(node, ast.Attribute):
            is_os = isinstance(node.value, ast.Name) and node.value.id == "os" and node.attr not in HARMLESS_OS
            is_stream = isinstance(node.value, ast.Name) and node.value.id == "sys" and node.attr.startswith("std")
            if is_os or is_stream or node.attr in FILE_METHODS:
                found.append(ast.unparse(node))
    return found


@pytest.mark.parametrize("module", [name for name in MODULES if not _fits(name, TOUCH_FILES)])
def test_stages_touch_no_files(module: str) -> None:
    allowed = {"os.environ"} if module in READS_ENVIRONMENT else set()
    assert sorted(set(_file_touches(MODULES[module])) - allowed) == []


@pytest.mark.parametrize("module", [name for name in MODULES if not _fits(name, TELLS_TIME)])
def test_nothing_asks_for_clock_chance_or_machine(module: str) -> None:
    tree = MODULES[module]
    assert sorted(_outside_imports(tree) & NOT_THE_SAME_TWICE) == []
    assert [
        ast.unparse(node) for node in _nodes(tree) if isinstance(node, ast.Attribute) and node.attr in ("now", "today")
    ] == []


@pytest.mark.parametrize(
    "source",
    [
        "import pathlib",
        "def f():\n    from pathlib import Path",
        "open('x')",
        "import os\nos.listdir()",
        "import sys\nsys.stdout.write('x')",
        "def f(path):\n    return path.read_text()",
    ],
)
def test_the_rule_on_files_notices_what_it_should(source: str) -> None:
    assert _file_touches(ast.parse(source))


def test_imports_for_type_checkers_are_free_and_others_are_not() -> None:
    source = "if TYPE_CHECKING:\n    from extractor.cli import app\nelse:\n    x = 1\ndef f():\n    from extractor import cli\n"
    assert _own_imports(ast.parse(source.partition("def f")[0])) == set()
    assert _own_imports(ast.parse(source)) == {"cli"}


# ------------------------------------------------------------------------------------------------ what is really imported

CODED = "2023年度法治政府建设情况报告\n一、主要做法\n全镇共调解矛盾纠纷57起，调解成功率98.2%。开展法治宣传活动12场次。\n"


def _loaded(program: str, *arguments: str, **environment: str) -> set[str]:
    """The modules that a program has loaded at its end; a name stands for all that lies below it."""
    ending = "\nimport json, sys\nsys.stderr.write(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program + ending, *arguments],
        capture_output=True,
        env=os.environ | environment,
        timeout=60,
        check=True,
    )
    return set(json.loads(done.stderr))


def test_importing_the_package_imports_no_command_line_and_no_word_list() -> None:
    loaded = _loaded("import extractor")
    assert "extractor" in loaded
    assert sorted(name for name in loaded if name.split(".")[0] in LIBRARIES) == []


def test_the_process_that_reads_binary_files_builds_no_models() -> None:
    loaded = _loaded("import extractor.reading.worker")
    assert "extractor.reading.formats" in loaded
    assert sorted(loaded & {*LIBRARIES, "extractor.models"}) == []


COMMAND_LINE = """
import sys
from extractor.__main__ import main
sys.argv[0] = "extractor"
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
"""


def test_one_report_to_json_imports_nothing_that_it_does_not_need(tmp_path: Path) -> None:
    report = tmp_path / "report.txt"
    report.write_text(CODED, encoding="utf-8")
    arguments = ("extract", str(report), "-f", "json")
    _loaded(COMMAND_LINE, *arguments, XDG_CACHE_HOME=str(tmp_path))
    loaded = _loaded(COMMAND_LINE, *arguments, XDG_CACHE_HOME=str(tmp_path))
    assert "extractor.pipeline" in loaded
    needless = {"jieba", "rich", "pandas", "yaml", "lxml", "multiprocessing", "extractor.catalogue.loader"}
    needless |= {"xlsxwriter", "openpyxl", "msgspec", "pyarrow", "sqlite3"}
    needless |= {f"extractor.reading.{name}" for name in ("archives", "eml", "guard", "html", "worker", "zips")}
    needless |= {"extractor.writing.xlsx", "extractor.writing.workbook"}
    needless |= {"extractor.writing.csv", "extractor.writing.table", "extractor.evaluation", "extractor.explaining"}
    needless |= {"extractor.batch", "multiprocessing", "sqlite3"}
    assert sorted(loaded & needless) == []


PLUGIN = """
class Plugin:
    def new_schema_validator(self, *about, **more):
        return None, None, None

plugin = Plugin()
"""


def test_a_plugin_of_pydantic_has_no_say_in_a_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYDANTIC_DISABLE_PLUGINS", raising=False)  # a command that ran in this process has set it
    report = tmp_path / "report.txt"
    report.write_text(CODED, encoding="utf-8")
    (tmp_path / "a_plugin.py").write_text(PLUGIN)
    about = tmp_path / "a_plugin-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: a-plugin\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[pydantic]\na_plugin = a_plugin:plugin\n")
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    building = "import pydantic\nclass Model(pydantic.BaseModel):\n    number: int"
    assert "a_plugin" in _loaded(building, PYTHONPATH=path)
    assert "a_plugin" not in _loaded(COMMAND_LINE, "extract", str(report), "-f", "json", PYTHONPATH=path)


def test_the_files_that_are_tested_first_are_there() -> None:
    assert [name for name in LONGEST if not Path(__file__).with_name(f"{name}.py").is_file()] == []
