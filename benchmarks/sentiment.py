"""
Sentiment of Chinese shop reviews: on reviews of the same shops held back, and on each category with nothing of it learnt.

    huitou bench sentiment FILE [--text review] [--label label] [--domain cat]

FILE: Parquet with a text, a label (1 content, 0 displeased) and a category per row. It stays where it is.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from huitou.core.value.text.model import Sentiment, scores, train
from huitou.core.value.text.words import word_scores

HELD_BACK = 0.2


def said(found: np.ndarray[Any, Any], labels: np.ndarray[Any, Any]) -> dict[str, float]:
    """Return the share with an answer, and of these the share that is right; without one counts as wrong in `accuracy`."""
    answered = ~np.isnan(found) & (found != 0)
    right = (found > 0) == labels
    return {
        "answered": round(float(answered.mean()), 4),
        "right_of_answered": round(float(right[answered].mean()), 4),
        "accuracy": round(float((right & answered).mean()), 4),
    }


def main() -> None:
    """Print one line of JSON per measurement."""
    parser = argparse.ArgumentParser(prog="huitou bench sentiment")
    parser.add_argument("file", type=Path)
    for name, column in (("text", "review"), ("label", "label"), ("domain", "cat")):
        parser.add_argument(f"--{name}", default=column)
    parser.add_argument("--domains", default="all", help="all, none, or names apart by commas")
    parser.add_argument("--unlabelled", action="store_true", help="what is held back is read before it is judged")
    asked = parser.parse_args()
    table = pq.read_table(asked.file, columns=[asked.text, asked.label, asked.domain])
    texts = table[asked.text].to_pylist()
    labels = np.array(table[asked.label].to_pylist()) == 1
    domain = np.array(table[asked.domain].to_pylist())
    held = np.random.default_rng(1).random(labels.size) < HELD_BACK
    tell("word list, all", labels.size, None, said(word_scores(texts), labels))
    tell_model("held back, same shops", texts, labels, held, asked.unlabelled)
    wanted = {"all": sorted(set(domain.tolist())), "none": []}.get(asked.domains, asked.domains.split(","))
    for name in wanted:
        tell_model(f"unseen {name}", texts, labels, domain == name, asked.unlabelled)


def tell_model(name: str, texts: list[str], labels: np.ndarray[Any, Any], held: np.ndarray[Any, Any], is_shown: bool) -> None:
    """Train on the rest, tell how it does on what was held back. is_shown: these texts are there without labels."""
    since = time.process_time()
    kept = [text for text, out in zip(texts, held, strict=True) if out]
    learnt = [text for text, out in zip(texts, held, strict=True) if not out]
    model = train(learnt, labels[~held], unlabelled=kept if is_shown else ())
    spent = time.process_time() - since
    told = said(scores(model, kept), labels[held]) | words_beside(kept, labels[held])
    tell(name, int(held.sum()), model, told | {"train_cpu_s": round(spent, 1)})


def words_beside(texts: list[str], labels: np.ndarray[Any, Any]) -> dict[str, float]:
    """Return the word list's share right of those it answers, on the same texts."""
    return {"words_right_of_answered": said(word_scores(texts), labels)["right_of_answered"]}


def tell(name: str, texts: int, model: Sentiment | None, told: dict[str, float]) -> None:
    """Print one measurement."""
    row: dict[str, Any] = {"on": name, "texts": texts, **told}
    if model is not None:
        row |= {
            "grams": model.vocabulary.size, "bytes": len(model.to_bytes()),
            "cross_accuracy": round(model.tested.accuracy, 4), "calibration_error": round(model.tested.error, 4),
        }  # fmt: skip
    sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
