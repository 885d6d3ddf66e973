"""Writes the records of the samples anew: `python -m tests.update_samples`. Read the difference before it is committed."""

from __future__ import annotations

import sys
from pathlib import Path

from extractor.models import Report
from extractor.pipeline import extractor_for
from extractor.reading import read_bytes

SAMPLES = Path(__file__).parents[1] / "samples"
RECORDS = SAMPLES / "records"


def sample_texts() -> list[Path]:
    """The samples in text form, in one order."""
    return sorted(SAMPLES.glob("*.txt"))


def present_record(path: Path) -> Report:
    """What is made of a sample now; the file's name stands without its folder, so that the record is the same everywhere."""
    return extractor_for().extract(read_bytes(path.read_bytes(), path.name))


def update() -> None:
    """Write one record for each sample and remove those that have none."""
    RECORDS.mkdir(exist_ok=True)
    for path in sample_texts():
        target = RECORDS / f"{path.stem}.json"
        target.write_bytes(f"{present_record(path).model_dump_json(indent=2)}\n".encode())
    for path in RECORDS.glob("*.json"):
        if not (SAMPLES / f"{path.stem}.txt").exists():
            path.unlink()
    sys.stdout.write(f"{len(sample_texts())} records in {RECORDS}\n")


if __name__ == "__main__":
    update()
