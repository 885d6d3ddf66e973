"""Old Word files, WPS, RTF and OpenDocument texts: LibreOffice, where it is installed, writes them anew as .docx.

It runs without a window, with a profile of its own in a temporary folder that is removed with it: no macros, no links followed,
no way to the network, and ended with all its processes when its time is over.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path, PurePath

from extractor.errors import InputError
from extractor.reading import docx
from extractor.reading.package import COMPOUND_FILE, protected, refuse_encrypted
from extractor.reading.types import Extracted, Limits

_PROGRAMS = ("soffice", "libreoffice")
_USUAL_PLACES = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    "C:/Program Files/LibreOffice/program/soffice.exe",
    "/opt/libreoffice/program/soffice",
)
_INSTALL = (
    "install LibreOffice (apt-get install libreoffice-writer-nogui, or from its site), or save it as .docx and give that file"
)
_MEDIA_TYPES = {
    ".doc": "application/msword",
    ".wps": "application/vnd.ms-works",
    ".rtf": "application/rtf",
    ".odt": "application/vnd.oasis.opendocument.text",
}
_SHARE_OF_TIME = 0.8
"""Of the time that an input may take, so that it is LibreOffice that is ended and not the process that waits for it."""
_WORD_MARK = b"\xec\xa5"
_WORD_FLAGS = 10
_WORD_ENCRYPTED = 0x0100
_SECTOR = 512
_SETTINGS = (
    ("org.openoffice.Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("org.openoffice.Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("org.openoffice.Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("org.openoffice.Office.Common/Security/Scripting", "DisableActiveContent", "true"),
    ("org.openoffice.Office.Writer/Content/Update", "Link", "0"),
    ("org.openoffice.Inet/Settings", "ooInetProxyType", "2"),
    ("org.openoffice.Inet/Settings", "ooInetHTTPProxyName", "127.0.0.1"),
    ("org.openoffice.Inet/Settings", "ooInetHTTPProxyPort", "9"),
    ("org.openoffice.Inet/Settings", "ooInetHTTPSProxyName", "127.0.0.1"),
    ("org.openoffice.Inet/Settings", "ooInetHTTPSProxyPort", "9"),
)
"""No macros, no active content, no links followed, and a proxy where nobody listens."""


def read(data: bytes, name: str, limits: Limits) -> Extracted:
    """The text of a .doc, .wps, .rtf or .odt file, as `docx.read` gives it after LibreOffice has written it anew.

    Raises InputError where LibreOffice is not installed, takes too long or cannot open the file, and as `docx.read` does.
    """
    refuse_encrypted(data, name)
    if _is_encrypted_word(data):
        raise protected(name)
    program = find_program()
    if program is None:
        raise InputError(
            name,
            f"is a {_ending(data, name)} file, which LibreOffice has to open and is not installed",
            _INSTALL,
            code="needs_more",
        )
    extracted = docx.read(_converted(program, data, name, limits), name, limits)
    return replace(extracted, media_type=_MEDIA_TYPES[_ending(data, name)])


def find_program() -> str | None:
    """LibreOffice's program, or None where it is not installed."""
    found = next((path for path in map(shutil.which, _PROGRAMS) if path), None)
    return found or next((place for place in _USUAL_PLACES if Path(place).is_file()), None)


def _ending(data: bytes, name: str) -> str:
    if data.startswith(b"{\\rtf"):
        return ".rtf"
    if data.startswith(b"PK"):
        return ".odt"
    ending = PurePath(name).suffix.lower()
    return ending if ending == ".wps" else ".doc"


def _is_encrypted_word(data: bytes) -> bool:
    """Whether the head of the Word stream says that the text is encrypted ([MS-DOC] 2.5.1, fEncrypted)."""
    if not data.startswith(COMPOUND_FILE):
        return False
    for at in range(_SECTOR, min(len(data), 64 * _SECTOR), _SECTOR):
        if data[at : at + 2] == _WORD_MARK:
            return bool(int.from_bytes(data[at + _WORD_FLAGS : at + _WORD_FLAGS + 2], "little") & _WORD_ENCRYPTED)
    return False


def _converted(program: str, data: bytes, name: str, limits: Limits) -> bytes:
    with tempfile.TemporaryDirectory(prefix="extractor-", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary)
        source = folder / f"document{_ending(data, name)}"
        source.write_bytes(data)
        _write_profile(folder / "profile")
        _run(
            [
                program,
                f"-env:UserInstallation={(folder / 'profile').as_uri()}",
                *("--headless", "--norestore", "--nologo", "--nolockcheck", "--nodefault"),
                *("--convert-to", "docx:MS Word 2007 XML", "--outdir", str(folder / "out"), str(source)),
            ],
            name,
            limits.seconds * _SHARE_OF_TIME,
            folder,
        )
        result = folder / "out" / "document.docx"
        if not result.is_file():
            raise InputError(
                name,
                "cannot be opened by LibreOffice: damaged or under a password",
                "open it, save it as .docx and give that file",
                code="damaged",
            )
        if result.stat().st_size > limits.file_bytes:
            raise InputError(
                name,
                f"is more than {limits.file_bytes} bytes as .docx",
                "raise the limit, or save its text as plain text",
                code="too_large",
            )
        return result.read_bytes()


def _write_profile(profile: Path) -> None:
    items = "".join(
        f'<item oor:path="/{path}"><prop oor:name="{key}" oor:op="fuse"><value>{value}</value></prop></item>'
        for path, key, value in _SETTINGS
    )
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">'
        f"{items}</oor:items>\n",
        encoding="utf-8",
    )


def _run(command: list[str], name: str, seconds: float, folder: Path) -> None:
    """Runs a program to its end; when its time is over, it and all that it started are ended."""
    environment = {**os.environ, "HOME": str(folder), "TMPDIR": str(folder), "SAL_USE_VCLPLUGIN": "svp"}
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
    except OSError as error:
        raise InputError(
            name, f"needs LibreOffice, which cannot be started ({error.strerror})", _INSTALL, code="needs_more"
        ) from None
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise InputError(
            name, f"took LibreOffice more than {seconds:.0f} s", "raise the limit, or save it as .docx", code="too_large"
        ) from None
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()
