"""Binary formats are read by a process apart: what goes wrong there is an error here, and the next file is read."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from extractor.errors import InputError
from extractor.reading import formats
from extractor.reading.formats import Format
from extractor.reading.guard import read_guarded
from extractor.reading.types import Extracted, Limits, ReadOptions
from extractor.types import Notice, Place

FORM = Format("application/x-test", "tests.misbehaving", (".test",), "a test", True)
DEFAULTS = ReadOptions()
QUICK = ReadOptions(limits=Limits(seconds=0.5))


def _read(data: bytes, options: ReadOptions = DEFAULTS, name: str = "x.test") -> Extracted:
    return read_guarded(FORM, data, name, options)


def _pid() -> int:
    """The process that reads."""
    return int(_read(b"pid").text.split()[-1])


@pytest.mark.parametrize("name", ["报告.test", "a\nb.test", "\udcff.test", ""])
def test_what_was_read_comes_back_whole(name: str) -> None:
    found = _read(b"read", ReadOptions(limits=Limits(characters=77)), name)
    place = Place(0, page=1, sheet="表一", cell="B2")
    notices = (Notice("replaced_characters", 0, 2, (("count", "2"),)),)
    assert found == Extracted(f"read {name} 77 ", "application/x-test", None, 3, (place,), notices)
    assert found == formats.read(FORM, b"read", name, ReadOptions(limits=Limits(characters=77)))


@pytest.mark.parametrize(
    ("deed", "reason"),
    [
        ("hang", "takes more than 0.5 seconds"),
        ("spin", "takes more than 0.5 seconds"),
        ("crash", "its reader broke down"),
        ("exit", "its reader broke down (exit code 3)"),
        ("recurse", "cannot be read (RecursionError"),
        ("raise", "cannot be read (ZeroDivisionError"),
        ("miss", "the library nowhere that reads it is not installed"),
        ("connect", "cannot be read (PermissionError: no connection"),
    ],
)
def test_what_goes_wrong_is_an_error_with_its_name_and_the_next_file_is_read(deed: str, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        _read(deed.encode(), QUICK if "0.5 seconds" in reason else DEFAULTS)
    assert caught.value.name == "x.test"
    assert caught.value.reason.startswith("is a test")
    assert reason in caught.value.reason
    assert caught.value.remedy
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 400
    assert _read(b"read").text.startswith("read")


def test_each_page_that_is_recognised_has_time_of_its_own() -> None:
    limits = Limits(seconds=1.2, page_seconds=3)
    assert _read(b"recognise 0.4", ReadOptions(limits=limits)).text.startswith("recognise")
    with pytest.raises(InputError, match=r"takes more than 0\.4 seconds to recognise a page of.*page_seconds"):
        _read(b"recognise 5", ReadOptions(limits=Limits(seconds=0.2, page_seconds=0.4)))
    # of the seconds of the file nothing is lost
    assert _read(b"recognise 0.1", ReadOptions(limits=Limits(seconds=30, page_seconds=0.01))).text


def test_memory_has_an_end() -> None:
    with pytest.raises(InputError, match="more than 600000000 bytes of memory"):
        _read(b"allocate", ReadOptions(limits=Limits(memory_bytes=600_000_000)))
    assert _read(b"read").text


def test_the_error_of_a_reader_is_its_own() -> None:
    with pytest.raises(InputError) as caught:
        _read(b"refuse")
    error = caught.value
    assert (error.name, error.reason, error.remedy) == ("inner.name", "is refused", "give another one")
    assert error.code == "protected"


def test_what_a_library_prints_is_no_reply(capfd: pytest.CaptureFixture[str]) -> None:
    assert _read(b"print").text.startswith("print")
    assert _read(b"print").text.startswith("print")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("deed", ["write", "remove"])
def test_no_file_is_touched(tmp_path: Path, deed: str) -> None:
    (tmp_path / "a").write_text("57")
    with pytest.raises(InputError, match="no file is written"):
        _read(f"{deed} {tmp_path / 'a'}".encode())
    assert (tmp_path / "a").read_text() == "57"


def test_temporary_files_are_the_reader_s_own_and_go_with_it() -> None:
    assert _read(b"clear_temporary").text.endswith(" ")
    file = Path(_read(b"write_temporary").text.split()[-1])
    assert file.read_text() == "x"
    assert file.parent.name.startswith("extractor-reader-")
    with pytest.raises(InputError):
        _read(b"exit")
    assert not file.parent.exists()


def test_one_process_reads_file_after_file_until_one_is_ended() -> None:
    first = _pid()
    assert first != os.getpid()
    assert _pid() == first
    with pytest.raises(InputError):
        _read(b"raise")
    assert _pid() == first
    with pytest.raises(InputError):
        _read(b"hang", QUICK)
    assert _pid() != first


def _is_running(pid: int) -> bool:
    """Whether a process is there and no mere entry that nobody has asked after."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except FileNotFoundError:
        return False


def _ends(pid: int) -> bool:
    """Whether a process that was ended is gone before long; the system takes its time to do so."""
    for _ in range(100):
        if not _is_running(pid):
            return True
        time.sleep(0.05)
    return False


def _processes_with(argument: str) -> list[str]:
    """The processes that were started with an argument."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if argument.encode() in path.read_bytes().split(b"\0"):
                found.append(path.parent.name)
    return found


def test_what_a_reader_has_started_ends_with_it() -> None:
    seconds = f"3600.{os.getpid()}"
    seen: list[str] = []
    watch = threading.Timer(1, lambda: seen.extend(_processes_with(seconds)))
    watch.start()
    with pytest.raises(InputError, match="seconds"):
        _read(f"hang_with_child {seconds}".encode(), ReadOptions(limits=Limits(seconds=2)))
    watch.join()
    assert len(seen) == 1
    assert _ends(int(seen[0]))


def test_an_interruption_ends_the_reader_and_the_next_file_is_read() -> None:
    before, this = _pid(), threading.main_thread().ident
    assert this is not None
    threading.Timer(0.2, lambda: signal.pthread_kill(this, signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        _read(b"hang", ReadOptions(limits=Limits(seconds=20)))
    assert not _is_running(before)
    assert _pid() != before


def test_files_of_several_threads_do_not_mix() -> None:
    names = [f"{n}.test" for n in range(40)]
    with ThreadPoolExecutor(4) as pool:
        texts = list(pool.map(lambda name: _read(b"read", name=name).text.split()[1], names))
    assert texts == names


def test_a_reader_that_has_gone_meanwhile_is_replaced() -> None:
    before = _pid()
    os.kill(before, 9)
    assert _ends(before)
    assert _pid() != before


def test_a_forked_process_has_a_reader_of_its_own() -> None:
    before = _pid()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = 0 if _pid() != before else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert _pid() == before


def test_a_format_whose_module_is_not_there() -> None:
    absent = FORM._replace(module="extractor.reading.nowhere")
    with pytest.raises(InputError, match="is a test, which is not read"):
        read_guarded(absent, b"read", "x.test", ReadOptions())
