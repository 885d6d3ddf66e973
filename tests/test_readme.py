"""Every command that the READMEs show is run from the top of the repository; what is shown must work."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
READMES = ("README.md", "README.zh-CN.md")
LIMIT = 120
_BLOCK = re.compile(r"^(?P<indent> *)```(?P<language>[\w-]*)[^\n]*\n(?P<body>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
_SHELL = {"console", "sh"}
_PROMPT = "$ "


def commands(text: str) -> list[str]:
    """The commands of a page's ```console and ```sh blocks: lines after `$ `, with what a closing backslash continues."""
    found: list[str] = []
    for block in _BLOCK.finditer(text):
        if block["language"] not in _SHELL:
            continue
        continued = False
        for line in block["body"].splitlines():
            words = line.strip()
            if continued:
                found[-1] += "\n" + words
            elif words.startswith(_PROMPT):
                found.append(words.removeprefix(_PROMPT).strip())
            else:
                continue
            continued = words.endswith("\\")
    return found


def _page(name: str) -> str:
    path = REPOSITORY / name
    return path.read_text("utf-8") if path.exists() else ""


def _make_targets() -> set[str]:
    return set(re.findall(r"^([a-z][\w-]*):", (REPOSITORY / "Makefile").read_text("utf-8"), re.MULTILINE))


@pytest.mark.parametrize("name", READMES)
def test_a_page_shows_commands_and_every_shell_block_has_one(name: str) -> None:
    assert commands(_page(name))
    shells = [block for block in _BLOCK.finditer(_page(name)) if block["language"] in {*_SHELL, "bash", "shell", "zsh"}]
    assert [block[0] for block in shells if not commands(block[0])] == [], "a command that is shown stands after `$ `"


def test_both_pages_show_the_same_commands() -> None:
    english, chinese = (commands(_page(name)) for name in READMES)
    assert english == chinese


@pytest.mark.parametrize("command", dict.fromkeys(command for name in READMES for command in commands(_page(name))))
def test_a_command_works(command: str) -> None:
    if command.split(maxsplit=1)[0] == "make":
        # each of these runs the tests, or is run by them: that they are there is all that can be asked here
        targets = [word for word in command.split()[1:] if "=" not in word]
        assert targets
        assert sorted(set(targets) - _make_targets()) == []
        return
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=REPOSITORY,
        env=os.environ | {"PATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=LIMIT,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()


def test_commands_are_found() -> None:
    page = """
```console
$ extractor extract a.txt
{"schema_version": "1.0"}
$ cat a.txt | \\
    extractor extract -f csv
```

- in a list:
  ```sh
  $ make demo
  ```

```python
$ this is none
```
"""
    assert commands(page) == ["extractor extract a.txt", "cat a.txt | \\\nextractor extract -f csv", "make demo"]
