"""The wheel as a user gets it: built from the checkout, installed into an empty environment, run from somewhere else."""

from __future__ import annotations

import json
import os
import shutil
import site
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import extractor

REPOSITORY = Path(__file__).parents[1]
SAMPLE = REPOSITORY / "samples" / "luoqiao-2024.txt"
LIMIT = 120


def _run(*command: str | Path, cwd: Path, **environment: str) -> bytes:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("EXTRACTOR", "PYTHON"))}
    done = subprocess.run(command, cwd=cwd, capture_output=True, env=kept | environment, timeout=LIMIT, check=False)
    assert done.returncode == 0, done.stderr.decode() + done.stdout.decode()
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel built from what is in the checkout now."""
    target = tmp_path_factory.mktemp("wheel")
    _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", target, REPOSITORY, cwd=target)
    (built,) = target.iterdir()
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that has the wheel, and its libraries from the present environment, without a network.

    A line in a .pth file adds a folder, but does not read the .pth files in it: so the checkout itself is not found this way.
    """
    folder = tmp_path_factory.mktemp("installed")
    _run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder)
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    python = programs / "python"
    _run(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", "--quiet", wheel, cwd=folder)
    (own,) = json.loads(_run(python, "-c", "import json, site; print(json.dumps(site.getsitepackages()))", cwd=folder))
    (Path(own) / "libraries.pth").write_text("\n".join(site.getsitepackages()) + "\n", encoding="utf-8")
    return programs


def test_the_wheel_holds_the_package_its_types_and_its_rules(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if not name.endswith("/")}
    expected = {path for path in (REPOSITORY / "extractor").rglob("*") if path.suffix == ".py" or path.name == "py.typed"}
    names = {path.relative_to(REPOSITORY).as_posix() for path in expected}
    schemas = {path for path in (REPOSITORY / "schemas").rglob("*") if path.is_file()}
    names |= {f"extractor/schemas/{path.relative_to(REPOSITORY / 'schemas').as_posix()}" for path in schemas}
    assert "extractor/py.typed" in names
    assert any(name.startswith("extractor/schemas/indicators/") for name in names)
    inside = {name for name in held if ".dist-info/" not in name}
    assert inside == names, "everything of the package and nothing else"
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in held)


def test_the_installed_command_gives_the_record_of_the_checkout(installed: Path, tmp_path: Path) -> None:
    shutil.copy(SAMPLE, tmp_path / "report.txt")
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    place = _run(installed / "python", "-c", "import extractor; print(extractor.__file__)", cwd=tmp_path)
    assert Path(place.decode().strip()).is_relative_to(installed.parent)
    record = json.loads(_run(installed / "extractor", "extract", "report.txt", "-f", "json", cwd=tmp_path, **cache))
    here = json.loads(extractor.extract_file(SAMPLE).model_dump_json())
    here["source"]["name"] = "report.txt"
    assert record == here
    assert len(record["indicators"]) > 50
    version = _run(installed / "extractor", "--version", cwd=tmp_path)
    assert version.decode() == f"extractor {extractor.__version__}\n"
    (described,) = installed.parent.rglob("extractor-*.dist-info")
    assert described.name == f"extractor-{extractor.__version__}.dist-info"
