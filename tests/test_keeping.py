"""What is kept between runs: it comes back as it was, or not at all, and nothing else is made of it."""

from __future__ import annotations

import hashlib
import os
import pickle
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import regex

from extractor.keeping import keep, recall
from extractor.patterns import compile_pattern


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "extractor"


class Trap:
    """Something that, unpickled without care, runs a command."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.file}",)


@pytest.mark.usefixtures("cache")
def test_what_is_kept_comes_back() -> None:
    pattern = regex.compile(r"(?P<n>\d+)\L<units>", units=["件", "场次"])
    keep("things", {"rules": SimpleNamespace(words=("件", None, 1.5)), "pattern": pattern})
    found = recall("things")
    assert isinstance(found, dict)
    assert found["rules"] == SimpleNamespace(words=("件", None, 1.5))
    assert found["pattern"].search("共调解57场次").groupdict() == {"n": "57"}
    assert found["pattern"].search("共调解57宗") is None


@pytest.mark.usefixtures("cache")
def test_what_was_never_kept_is_none() -> None:
    assert recall("things") is None


def test_a_file_that_would_run_something_is_refused(cache: Path) -> None:
    touched = cache / "touched"
    keep("things", Trap(touched))
    (kept,) = cache.iterdir()
    assert pickle.dumps(Trap(touched), protocol=5) in kept.read_bytes(), "the trap is set, with its checksum right"
    assert recall("things") is None
    assert not touched.exists()


def test_a_damaged_file_is_none(cache: Path) -> None:
    keep("things", ["a", "b"])
    (kept,) = cache.iterdir()
    whole = kept.read_bytes()
    for damage in (b"", whole[:10], whole[:-1], whole[:-1] + b"x", hashlib.sha256(b"x").digest() + b"x"):
        kept.write_bytes(damage)
        assert recall("things") is None, damage


def test_of_many_of_a_kind_the_last_few_are_kept(cache: Path) -> None:
    keep("other-1", "other")
    for number in range(12):
        keep(f"rules-{number}", number)
        os.utime(cache / f"rules-{number}", (number, number))
    assert [recall(f"rules-{number}") for number in range(12)] == [None] * 4 + list(range(4, 12))
    assert recall("other-1") == "other"


def test_a_pattern_is_compiled_once_and_kept_for_the_next_run(tmp_path: Path) -> None:
    program = (
        "import regex\n"
        "compiled = []\n"
        "plain = regex.compile\n"
        "regex.compile = lambda *a, **k: compiled.append(a) or plain(*a, **k)\n"
        "from extractor.patterns import compile_pattern\n"
        "found = compile_pattern('(?:\\\\L<words>)+', words=['法治', '普法'])\n"
        "assert compile_pattern('(?:\\\\L<words>)+', words=['法治', '普法']) is found\n"
        "other = compile_pattern('(?:\\\\L<words>)+', words=['调解'])\n"
        "print(len(compiled), found.match('普法法治').end(), other.match('普法'))\n"
    )
    environment = os.environ | {"XDG_CACHE_HOME": str(tmp_path)}
    runs = [
        subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert runs == ["2 4 None\n", "0 4 None\n"]


def test_a_kept_pattern_that_cannot_be_read_is_compiled_anew(tmp_path: Path) -> None:
    program = (
        "from extractor import keeping, patterns\n"
        "keeping.keep(patterns._NAME, {('a+', ()): b'x', ('b+', ()): keeping.pack('b+'), ('c+', ()): None})\n"
        "print([patterns.compile_pattern(one).match('aabbcc', at).end() for one, at in (('a+', 0), ('b+', 2), ('c+', 4))])\n"
    )
    environment = os.environ | {"XDG_CACHE_HOME": str(tmp_path)}
    run = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert run.stdout == "[2, 4, 6]\n"


def test_a_wrong_pattern_is_an_error() -> None:
    with pytest.raises(regex.error):
        compile_pattern("(")
