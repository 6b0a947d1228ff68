"""
A model of sentiment: the weight of every gram and of the word list's score, by ridge logistic regression on sparse rows.

How good it is, is measured on texts it has not seen (cross-fitting), and by the same texts its probability is calibrated.
Source: docs/algorithms/sentiment.md.
"""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from huitou.core.value.text.grams import Codes, Grams, Ints, cleaned, common_codes, grams_of, places_in, weighted
from huitou.core.value.text.pieces import Piece, strongest
from huitou.core.value.text.words import word_scores

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Floats = npt.NDArray[np.float64]
Weights = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]

LEAST_TEXTS = 200
LEAST_OF_A_LABEL = 50
LEAST_GAIN = 0.05  # accuracy above the commoner label
FOLDS = 3
RIDGE = 0.1
LEAST_TEXTS_OF_GRAM = 3
STEPS = 100
LEAST_KNOWN_GRAMS = 3  # a text with fewer has no answer
BINS = 10
LEAST_UNLABELLED = 200  # texts, before the model is fitted to how they are written
ROUNDS = 3  # of reading them, and learning from what it was sure of
SURE_SHARE = 0.35  # of them that are taken at each end
UNLABELLED_WEIGHT = 0.5  # of all labelled texts together


class TrainingRefused(Exception):
    """These texts teach nothing; `reason` is a stored code: few, label, naive."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Tested:
    """How the model did on texts it had not seen. Shares 0..1; error: mean distance of probability and share (ten bins)."""

    texts: int
    positive_share: float
    accuracy: float
    baseline: float  # of always saying the commoner label
    error: float


@dataclass(frozen=True, slots=True)
class Sentiment:
    """A fitted model. vocabulary: grams (k,), rising; weights and rarity: (k,); words: weight of the word list's score."""

    vocabulary: Codes
    weights: Weights
    rarity: Weights
    words: float
    bias: float
    slope: float  # calibrated log-odds = slope x raw + shift
    shift: float
    tested: Tested

    def to_bytes(self) -> bytes:
        """Return the model as one file's content."""
        file = io.BytesIO()
        told = self.tested
        np.savez_compressed(
            file, vocabulary=self.vocabulary, weights=self.weights, rarity=self.rarity,
            numbers=np.array([self.words, self.bias, self.slope, self.shift]),
            tested=np.array([told.texts, told.positive_share, told.accuracy, told.baseline, told.error]),
        )  # fmt: skip
        return file.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> "Sentiment":
        """Return the model again. Raises ValueError on anything else than `to_bytes` wrote."""
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as file:
                words, bias, slope, shift = file["numbers"].tolist()
                texts, *shares = file["tested"].tolist()
                tested = Tested(int(texts), *shares)
                return cls(file["vocabulary"], file["weights"], file["rarity"], words, bias, slope, shift, tested)
        except (KeyError, OSError, EOFError, TypeError, ValueError, zipfile.BadZipFile) as error:
            raise ValueError(f"not a sentiment model: {error}") from None


def train(texts: Sequence[str], positive: Sequence[bool] | Bools, *, unlabelled: Sequence[str] = ()) -> Sentiment:
    """
    Fit a model on texts and what each says (True: content); the order of the texts does not matter.

    unlabelled: texts like those that the model is to read; from 200 on it is fitted to them, too. What is told of accuracy is of
    the labelled texts without them.

    Raises TrainingRefused: few texts (below 200), a label with too few (50), or no better than the commoner label.
    """
    ready, labels = _in_order(texts, np.asarray(positive, dtype=np.bool_))
    if len(ready) < LEAST_TEXTS:
        raise TrainingRefused("few")
    if min(int(labels.sum()), int((~labels).sum())) < LEAST_OF_A_LABEL:
        raise TrainingRefused("label")
    grams, said = grams_of(ready), np.nan_to_num(word_scores(ready))
    raw = np.empty(labels.size)
    folds = np.arange(labels.size) % FOLDS
    for fold in range(FOLDS):
        seen = folds != fold
        vocabulary, rarity = _vocabulary(grams, seen)
        rows = _rows(grams, vocabulary, rarity, said)
        coefficients = _fitted(rows[seen], labels[seen])
        raw[~seen] = rows[~seen] @ coefficients[:-1] + coefficients[-1]
    slope, shift = _calibrated(raw, labels)
    tested = _tested(slope * raw + shift, labels)
    if tested.accuracy < tested.baseline + LEAST_GAIN:
        raise TrainingRefused("naive")
    others = sorted({cleaned(text) for text in unlabelled} - {"", *ready})
    if len(others) >= LEAST_UNLABELLED:
        grams, said = grams_of(ready + others), np.nan_to_num(word_scores(ready + others))
    vocabulary, rarity = _vocabulary(grams, np.ones(said.size, dtype=np.bool_))
    *weights, words, bias = _settled(_rows(grams, vocabulary, rarity, said), labels).tolist()
    return Sentiment(vocabulary, np.array(weights, dtype=np.float32), rarity, words, bias, slope, shift, tested)


def scores(model: Sentiment, texts: Sequence[str]) -> Floats:
    """
    Return -1 (displeased) .. 1 (content) per text: twice the calibrated probability, less 1.

    NaN where the model knows fewer than three grams of the text: it has nothing to judge by.
    """
    if not texts:
        return np.zeros(0)
    grams = grams_of(texts)
    known = np.bincount(grams.rows[places_in(grams.codes, model.vocabulary) >= 0], minlength=len(texts))
    raw = weighted(grams, model.vocabulary, model.rarity) @ model.weights.astype(np.float64) + model.bias
    raw += model.words * np.nan_to_num(word_scores(grams.texts))
    found: Floats = np.tanh((model.slope * raw + model.shift) / 2)  # 2 / (1 + exp(-x)) - 1
    return np.where(known >= LEAST_KNOWN_GRAMS, found, np.nan)


def pieces(model: Sentiment, text: str, *, most: int = 4) -> list[Piece]:
    """Return what decided about a text: grams of two and more characters that do not overlap, the strongest first."""
    grams = grams_of([text])
    ready = grams.texts[0]
    places = places_in(grams.codes, model.vocabulary)
    weights = np.where(places >= 0, model.weights[places] * model.rarity[places], 0.0)
    return strongest(ready, grams.starts, grams.sizes(), weights, most=most)


def _in_order(texts: Sequence[str], labels: Bools) -> tuple[list[str], Bools]:
    """Return the texts cleaned, without empty ones, by text: so a fold is the same whatever order they came in."""
    if len(texts) != labels.size:
        raise ValueError(f"{len(texts)} texts, {labels.size} labels")
    pairs = sorted({(cleaned(text), bool(label)) for text, label in zip(texts, labels.tolist(), strict=True)})
    kept = [(text, label) for text, label in pairs if text]
    order = np.random.default_rng(len(kept)).permutation(len(kept)).tolist()
    return [kept[place][0] for place in order], np.array([kept[place][1] for place in order], dtype=np.bool_)


def _vocabulary(grams: Grams, seen: Bools) -> tuple[Codes, Weights]:
    """Return the grams that at least three of these texts hold and log((1 + texts) / (1 + holding)) + 1 of each."""
    kept = seen[grams.rows]
    part = Grams(grams.texts, grams.rows[kept], grams.codes[kept], grams.starts[kept])
    vocabulary, holding = common_codes(part, least_texts=LEAST_TEXTS_OF_GRAM)
    return vocabulary, (np.log((1 + int(seen.sum())) / (1 + holding)) + 1).astype(np.float32)


def _rows(grams: Grams, vocabulary: Codes, rarity: Weights, said: Floats) -> "csr_array":
    """Return the weighted grams of every text and, as the last column, what the word list says of it (0: nothing)."""
    from scipy.sparse import csr_array, hstack

    return csr_array(hstack([weighted(grams, vocabulary, rarity), csr_array(said[:, None])], format="csr"))


def _settled(rows: "csr_array", labels: Bools) -> Floats:
    """
    Return weights and, last, the bias, fitted to the labelled rows and, by its own judgement, to the others that come after them.

    In each round it learns from the labelled ones and from the ends of its order of the others, as far as they lie on the right
    side; the ends weigh half of what is labelled.
    """
    from scipy.sparse import vstack

    told, others = rows[: labels.size], rows[labels.size :]
    point = _fitted(told, labels)
    ends = int(SURE_SHARE * others.shape[0])
    for _ in range(ROUNDS if ends else 0):
        raw = others @ point[:-1] + point[-1]
        order = np.argsort(raw, kind="stable")
        bad, good = order[:ends], order[-ends:]
        bad, good = bad[raw[bad] < 0], good[raw[good] > 0]
        if not bad.size or not good.size:
            break
        sure = np.concatenate([bad, good])
        weights = np.concatenate([np.ones(labels.size), np.full(sure.size, UNLABELLED_WEIGHT * labels.size / sure.size)])
        judged = np.concatenate([labels, np.arange(sure.size) >= bad.size])
        point = _fitted(vstack([told, others[sure]], format="csr"), judged, weights)
    settled: Floats = point / np.std(told @ point[:-1])
    return settled


def _fitted(rows: "csr_array", labels: Bools, weights: Floats | None = None) -> Floats:
    """
    Return weights and, last, the bias: the mean of two ridge fits, each brought to the same spread over these texts.

    weights: of the texts, all the same when None. One fit sees the rows as they are, the other scaled by how each gram leans to
    one label (log ratio of the shares of texts).
    """
    from scipy.sparse import csr_array, diags_array

    held = csr_array((np.ones(rows.data.size), rows.indices, rows.indptr), shape=rows.shape)
    good = held[labels].sum(axis=0) + 1
    bad = held[~labels].sum(axis=0) + 1
    lean = np.log((good / good.sum()) / (bad / bad.sum()))
    lean[-1] = 1.0  # the word list's score has its sign already
    heavy = np.ones(labels.size) if weights is None else weights
    plain = _ridge(rows, labels, heavy)
    leaning = _ridge(csr_array(rows @ diags_array(lean)), labels, heavy)
    leaning[:-1] *= lean
    return sum((point / np.std(rows @ point[:-1]) for point in (plain, leaning)), np.zeros(plain.size)) / 2


def _ridge(rows: "csr_array", labels: Bools, heavy: Floats) -> Floats:
    """Return weights and, last, the bias that minimise the logistic loss of texts so heavy + RIDGE / 2 x |weights|^2."""
    from scipy.optimize import minimize
    from scipy.special import expit

    signs = np.where(labels, 1.0, -1.0)
    across = rows.T.tocsr()

    def loss(point: Floats) -> tuple[float, Floats]:
        weights = point[:-1]
        margins = signs * (rows @ weights + point[-1])
        pull = -signs * expit(-margins) * heavy
        value = float((np.logaddexp(0, -margins) * heavy).sum()) + RIDGE / 2 * float(weights @ weights)
        return value, np.append(across @ pull + RIDGE * weights, pull.sum())

    found = minimize(
        loss, np.zeros(rows.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": STEPS, "gtol": 1e-3, "ftol": 1e-7}
    )
    point: Floats = found.x
    return point


def _calibrated(raw: Floats, labels: Bools) -> tuple[float, float]:
    """Return slope and shift of Platt's line through held-back log-odds; targets are drawn in by his (n + 1) / (n + 2)."""
    from scipy.optimize import minimize
    from scipy.special import expit

    good, bad = int(labels.sum()), int((~labels).sum())
    targets = np.where(labels, (good + 1) / (good + 2), 1 / (bad + 2))

    def loss(point: Floats) -> tuple[float, Floats]:
        odds = point[0] * raw + point[1]
        gap = expit(odds) - targets
        return float((np.logaddexp(0, odds) - targets * odds).sum()), np.array([gap @ raw, gap.sum()])

    slope, shift = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B").x.tolist()
    return slope, shift


def _tested(odds: Floats, labels: Bools) -> Tested:
    probability = 1 / (1 + np.exp(-odds))
    bins: Ints = np.minimum((probability * BINS).astype(np.int64), BINS - 1)
    sure = np.bincount(bins, weights=probability, minlength=BINS)
    true = np.bincount(bins, weights=labels.astype(np.float64), minlength=BINS)
    share = float(labels.mean())
    return Tested(
        texts=labels.size,
        positive_share=share,
        accuracy=float(((odds > 0) == labels).mean()),
        baseline=max(share, 1 - share),
        error=float(np.abs(sure - true).sum() / labels.size),
    )
