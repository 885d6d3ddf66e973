"""Reading rule files: strict YAML, validated against the models, compiled once and remembered.

YAML as people expect it: every scalar is text unless it is a plain integer, decimal, `true`, `false` or `null`; a key that
stands twice is an error; every error names file and line.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from extractor.catalogue.files import DICTIONARY, INDICATOR_FOLDER, PARTS, builtin_folder, fingerprint, rule_files
from extractor.catalogue.findings import finding_problems
from extractor.catalogue.firsts import first_characters
from extractor.catalogue.lexicon import build_lexicon
from extractor.catalogue.models import Catalogue, Cue, Indicators
from extractor.errors import CatalogueError

if TYPE_CHECKING:
    import yaml

_Lines = dict[tuple[str | int, ...], int]


def load_catalogue(folder: str | os.PathLike[str] | None = None) -> Catalogue:
    """The rules of `folder` laid over the built-in ones; without `folder`, `EXTRACTOR_CATALOGUE` or the built-in ones alone.

    A file of the same name takes the place of the built-in one; files in `indicators/` are added to the built-in ones, and an
    indicator with the code of a built-in one takes its place. A folder with `catalogue.yaml` stands by itself.

    Raises CatalogueError with one line for each problem.
    """
    contents = rule_files(folder)
    return compile_catalogue(fingerprint(contents), contents)


def compile_catalogue(key: str, contents: dict[Path, bytes]) -> Catalogue:
    """The catalogue that these files make, named `key`. Raises CatalogueError with one line for each problem."""
    tree: dict[str, Any] = {"fingerprint": key}
    rules: dict[str, Any] = {}
    problems: list[str] = []
    places: dict[str, tuple[str, int]] = {}
    check_lines: tuple[Path, _Lines] = Path(PARTS["checks"]), {}
    by_name = {name: part for part, name in PARTS.items()}
    builtin = builtin_folder()
    for path, content in contents.items():
        if path.name == DICTIONARY:
            tree["dictionary"] = tuple(content.decode("utf-8").split())
            continue
        data, lines, found = read_yaml(path, content)
        problems += found
        if path.parent.name == INDICATOR_FOLDER:
            problems += _indicator_problems(path, data, lines)
            entries = data.get("indicators") if isinstance(data, dict) else None
            for number, entry in enumerate(entries if isinstance(entries, tuple) else ()):
                if isinstance(entry, dict) and "code" in entry:
                    code, line = str(entry["code"]), lines.get(("indicators", number), 1)
                    earlier = places.get(code)
                    if earlier and (Path(earlier[0]) == path or Path(earlier[0]).parents[1] != builtin):
                        problems.append(f"{path}:{line}: the code {code} stands in {earlier[0]}:{earlier[1]} too; keep one")
                    rules[code] = entry
                    places[code] = (str(path), line)
        elif path.name in by_name:
            tree[by_name[path.name]] = data
            if path.name == PARTS["checks"]:
                check_lines = path, lines
            problems += _part_problems(path, by_name[path.name], data, lines)
    problems += [f"{DICTIONARY if part == 'dictionary' else PARTS[part]}: is missing" for part in PARTS if part not in tree]
    if problems:
        raise CatalogueError(problems)
    order = list((tree["head"] or {}).get("groups") or ())
    codes = sorted(rules, key=lambda code: _rank(code.partition(".")[0], order))
    tree["indicators"] = tuple(rules[code] for code in codes)
    tree["places"] = places
    catalogue = Catalogue.model_validate(tree)
    problems = [*_reference_problems(catalogue), *_finding_problems(catalogue, *check_lines)]
    if problems:
        raise CatalogueError(problems)
    return catalogue.model_copy(update={"lexicon": build_lexicon(catalogue), "skip_firsts": first_characters(catalogue)})


def _rank(group: str, order: list[str]) -> int:
    """The place of a group of indicators; groups that the catalogue does not list come last."""
    return order.index(group) if group in order else len(order)


def _part_problems(path: Path, part: str, data: object, lines: _Lines) -> list[str]:
    model = Catalogue.model_fields[part].annotation
    assert model is not None
    try:
        model.model_validate(data)
    except ValidationError as error:
        return _lines_of(path, error, lines)
    return []


def _indicator_problems(path: Path, data: object, lines: _Lines) -> list[str]:
    try:
        Indicators.model_validate(data)
    except ValidationError as error:
        return _lines_of(path, error, lines)
    return []


def _lines_of(path: Path, error: ValidationError, lines: _Lines) -> list[str]:
    """One line for each validation error: file, line of the nearest place, path, what is wrong, the nearest right word."""
    problems = []
    for entry in error.errors():
        place = tuple(entry["loc"])
        line = next((lines[place[:n]] for n in range(len(place), -1, -1) if place[:n] in lines), 1)
        hint = ""
        if entry["type"] == "extra_forbidden":
            hint = nearest(str(place[-1]), _known_keys())
        problems.append(f"{path}:{line}: {'.'.join(map(str, place))}: {entry['msg']}{hint}")
    return problems


def _known_keys() -> set[str]:
    from pydantic import BaseModel

    from extractor.catalogue import models

    keys: set[str] = set()
    for model in vars(models).values():
        if isinstance(model, type) and issubclass(model, BaseModel):
            keys |= {field.alias or name for name, field in model.model_fields.items()}
    return keys


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint at the nearest known word, or nothing."""
    close = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""


def _reference_problems(catalogue: Catalogue) -> Iterator[str]:
    """Names that point nowhere: concepts, unit families, measure words, codes."""
    concepts = set(catalogue.vocabulary.concepts)
    families = set(catalogue.units.families)
    known_units = {w for group in catalogue.units.measure_words for w in group.words}
    known_units |= {w for words in catalogue.units.families.values() for w in words}
    codes = set(catalogue.codes)
    groups = {code.split(".")[0] for code in codes}
    for decoy in catalogue.uncatalogued.uncatalogued:
        for cue in decoy.cues:
            yield from _concept_problems(f"{PARTS['uncatalogued']}: {decoy.name}", cue, concepts)
    for rule in catalogue.indicators:
        file, line = catalogue.places[rule.code]
        where = f"{file}:{line}: {rule.code}"
        if rule.unit not in families:
            yield f"{where}: no unit family {rule.unit!r}{nearest(rule.unit, families)}"
        for unit in rule.only:
            if unit not in known_units:
                yield f"{where}: no measure word {unit!r}{nearest(unit, known_units)}"
        for cue in (*rule.cues, *rule.zero):
            yield from _concept_problems(where, cue, concepts)
            for unit in cue.unit:
                if unit not in known_units:
                    yield f"{where}: no measure word {unit!r}{nearest(unit, known_units)}"
            for entry in (*cue.after, *cue.unless_after, *rule.parts):
                if entry == "*":
                    continue
                group, _, name = entry.partition(".")
                if entry not in codes and not (name.endswith("*") and group in groups):
                    yield f"{where}: no code {entry!r}{nearest(entry, codes)}"


def _finding_problems(catalogue: Catalogue, path: Path, lines: _Lines) -> Iterator[str]:
    """What `checks.yaml` names and does not exist, with the line of the rule that does."""
    for place, message in finding_problems(catalogue, nearest):
        line = next((lines[place[:n]] for n in range(len(place), -1, -1) if place[:n] in lines), 1)
        yield f"{path}:{line}: {'.'.join(map(str, place))}: {message}"


def _concept_problems(where: str, cue: Cue, concepts: set[str]) -> Iterator[str]:
    for entry in (*cue.own, *cue.right, *cue.near, *cue.not_):
        for word in entry.split("|"):
            if word.isascii() and not word.isdigit() and word not in concepts:
                yield f"{where}: no concept {word!r}{nearest(word, concepts)}"


def read_yaml(path: Path, content: bytes) -> tuple[Any, _Lines, list[str]]:
    """The data of one YAML file, the line of every place in it, and what is wrong with its form."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        node = yaml.compose(content.decode("utf-8"), Loader=loader)
    except UnicodeDecodeError as error:
        return {}, {}, [f"{path}:1: is not UTF-8 ({error.reason} at byte {error.start}); save it as UTF-8"]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        return {}, {}, [f"{path}:{mark.line + 1 if mark else 1}: {error.problem}"]
    lines: _Lines = {}
    problems: list[str] = []
    data = _construct(path, node, (), lines, problems) if node is not None else {}
    return data, lines, problems


def _construct(path: Path, node: yaml.Node, place: tuple[str | int, ...], lines: _Lines, problems: list[str]) -> object:
    import yaml

    lines[place] = node.start_mark.line + 1
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return tuple(_construct(path, child, (*place, n), lines, problems) for n, child in enumerate(node.value))
    mapping: dict[str, object] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        if key in mapping:
            problems.append(f"{path}:{key_node.start_mark.line + 1}: the key {key!r} stands twice; keep one")
        mapping[key] = _construct(path, value_node, (*place, key), lines, problems)
    return mapping


def _scalar(node: yaml.ScalarNode) -> str | int | float | bool | None:
    """Quoted scalars are text; plain ones are numbers or true, false, null only in their one canonical form."""
    text = str(node.value)
    if node.style:
        return text
    if text in ("true", "false"):
        return text == "true"
    if text in ("null", "~", ""):
        return None
    try:
        return int(text) if str(int(text)) == text else text
    except ValueError:
        pass
    try:
        return float(text) if text.lstrip("-")[:1].isdigit() else text
    except ValueError:
        return text
