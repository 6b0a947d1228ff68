"""
Customer value: lifetimes beside the package of that name (speed, memory, the same parameters, fits that must not fail), and
forecasts of three real holdouts beside BG/NBD and what anybody could work out.

    huitou bench value [PART ...] [--customers 1000000] [--rounds 3] [--large 10000000] [--sets 200] [--folder FOLDER]

Every speed run is a process of its own, ours and theirs in turn, on the same simulated customers (days). Clocks are process
seconds of all threads; imports and reading the file are outside, the peak is of the whole process.
"""

import argparse
import json
import multiprocessing
import os
import resource
import sys
import tempfile
import time
import warnings
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._value_data import actual, cdnow_summary, holdouts, journey_lines, simulated, spends

HORIZON_DAYS = 90


def customers(folder: Path, count: int) -> Path:
    """Simulate once, keep as a file."""
    path = folder / f"customers-{count}.npz"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        x, recency, age = simulated(np.random.default_rng(1), count, r=0.6, alpha=30.0, a=0.5, b=3.0)
        np.savez(path, x=x, recency=recency, T=age, mean=spends(np.random.default_rng(2), x, p=6.25, q=3.74, v=15.44))
    return path


def ours(path: Path) -> dict[str, Any]:
    import scipy.special  # noqa: F401 - its import is not the model's time

    from huitou.core.value import clv

    with np.load(path) as file:
        x, recency, age, mean = (file[name] for name in ("x", "recency", "T", "mean"))
    clock = [time.process_time()]
    model = clv.BGNBD.fit(x, recency, age)
    clock.append(time.process_time())
    expected, alive = model.forecast(HORIZON_DAYS, x, recency, age)
    clock.append(time.process_time())
    spend = clv.GammaGamma.fit(x, mean)
    clock.append(time.process_time())
    worth = spend.expected_value(x, mean)
    clock.append(time.process_time())
    return _report(clock, (*model.fitted.values, *spend.fitted.values), (expected, alive, worth))


def theirs(path: Path) -> dict[str, Any]:
    from lifetimes import BetaGeoFitter, GammaGammaFitter

    warnings.simplefilter("ignore")
    with np.load(path) as file:
        x, recency, age, mean = (file[name] for name in ("x", "recency", "T", "mean"))
    clock = [time.process_time()]
    model = BetaGeoFitter()
    model.fit(x, recency, age)
    clock.append(time.process_time())
    expected = model.conditional_expected_number_of_purchases_up_to_time(HORIZON_DAYS, x, recency, age)
    alive = model.conditional_probability_alive(x, recency, age)
    clock.append(time.process_time())
    spend = GammaGammaFitter()
    known = (x > 0) & (mean > 0)
    spend.fit(x[known], mean[known])
    clock.append(time.process_time())
    worth = spend.conditional_expected_average_profit(x, mean)
    clock.append(time.process_time())
    return _report(clock, (*model.params_[["r", "alpha", "a", "b"]], *spend.params_[["p", "q", "v"]]), (expected, alive, worth))


def _report(clock: list[float], parameters: tuple[float, ...], results: tuple[np.ndarray, ...]) -> dict[str, Any]:
    parts = dict(zip(("fit", "predict_alive", "spend_fit", "spend_predict"), np.diff(clock).round(3).tolist(), strict=True))
    return {
        "cpu_s": round(clock[-1] - clock[0], 3),
        **parts,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
        "parameters": [round(float(value), 5) for value in parameters],
        "sums": [round(float(np.asarray(values).sum()), 2) for values in results],
    }


def fits(sets: int) -> dict[str, Any]:
    """Fit simulated populations, each by its own model: what did not converge? And how far is lifetimes away on CDNOW?"""
    from lifetimes import BetaGeoFitter, GammaGammaFitter

    from huitou.core.value.clv import BGNBD, MBGNBD, GammaGamma

    rng = np.random.default_rng(11)
    failed = []
    for number in range(sets):
        r, a, b, alpha = (float(rng.uniform(*span)) for span in ((0.2, 2), (0.3, 2), (1, 5), (5, 60)))
        kind = MBGNBD if number % 2 else BGNBD
        x, recency, age = simulated(rng, 3_000, r=r, alpha=alpha, a=a, b=b, at_first=kind is MBGNBD)
        mean = spends(rng, x, p=float(rng.uniform(1, 8)), q=float(rng.uniform(2, 6)), v=float(rng.uniform(5, 50)))
        models = (kind.fit(x, recency, age), GammaGamma.fit(x, mean))
        failed += [(number, type(model).__name__, model.fitted.reason) for model in models if not model.fitted.converged]
    x, recency, age, mean = cdnow_summary()
    theirs = BetaGeoFitter().fit(x, recency, age).params_[["r", "alpha", "a", "b"]].to_numpy()
    spend = GammaGammaFitter().fit(x[x > 0], mean[x > 0]).params_[["p", "q", "v"]].to_numpy()
    ours = np.concatenate((BGNBD.fit(x, recency, age).fitted.values, GammaGamma.fit(x, mean).fitted.values))
    return {
        "sets": sets,
        "failed": failed,
        "cdnow": ours.round(4).tolist(),
        "off_lifetimes": float(np.abs(ours / np.concatenate((theirs, spend)) - 1).max()),
    }


def in_own_process(function: Any, *arguments: Any) -> dict[str, Any]:
    spawn = multiprocessing.get_context("spawn")
    found = spawn.Queue()
    process = spawn.Process(target=_put, args=(found, function, arguments))
    process.start()
    report: dict[str, Any] = found.get()
    process.join()
    return report


def _put(found: Any, function: Any, arguments: tuple[Any, ...]) -> None:
    found.put(function(*arguments))


def say(name: str, report: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps({"run": name, "load": round(os.getloadavg()[0], 1), **report}, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def speed(arguments: argparse.Namespace) -> None:
    path = customers(arguments.folder, arguments.customers)
    runs: dict[str, list[float]] = {"ours": [], "lifetimes": []}
    for name in ["ours", "lifetimes"] * arguments.rounds:
        report = in_own_process(ours if name == "ours" else theirs, path)
        runs[name].append(report["cpu_s"])
        say(name, report)
    medians = {name: float(np.median(values)) for name, values in runs.items()}
    say("ratio", {**medians, "times": round(medians["lifetimes"] / medians["ours"], 1)})
    if arguments.large:
        say("ours, large", in_own_process(ours, customers(arguments.folder, arguments.large)))


def forecast(_arguments: argparse.Namespace) -> None:
    """The default forecast and each of its models against a holdout that none of them saw."""
    from huitou.core.value import clv
    from huitou.core.value.clv.candidates import candidates
    from huitou.core.value.clv.ledger import ledger
    from huitou.core.value.clv.scores import scored

    for case in holdouts():
        start = time.process_time()
        found = clv.forecast(case.transactions, case.as_of, case.horizon_days)
        seconds = time.process_time() - start
        bought = actual(case, found.person_ids)
        inside = float(((bought >= found.low) & (bought <= found.high)).mean())
        shown = {"customers": found.person_ids.size, "purchases": int(bought.sum()), "models": list(found.models)}
        book = ledger(case.transactions, case.as_of)
        each = candidates(book, book.days - 1, window=found.backtest.tested_days, horizon=case.horizon_days).expected
        for name, expected in [("default", found.purchases), *each.items()]:
            score = scored(expected, bought)
            rows = {key: getattr(score, key) for key in ("mae", "rmse", "bias", "deviance", "rank", "top")}
            extra = {**shown, "inside": round(inside, 4), "cpu_s": round(seconds, 2)} if name == "default" else {}
            say(f"{case.name}: {name}", {**{key: value and round(value, 4) for key, value in rows.items()}, **extra})


def soon(_arguments: argparse.Namespace) -> None:
    """Chances of a purchase in 14 and 30 days on Complete Journey, mean of three days; next dates of customers and categories."""
    from huitou.core.value import soon as core
    from huitou.core.value.clv.ledger import bought_between, ledger, seen_by
    from huitou.core.value.soon.chance import area_under_curve, calibration_error

    case = holdouts()[2]
    whole = ledger(case.transactions, date(2017, 12, 31))
    for days in (14, 30):
        rows = []
        for as_of in (date(2017, 9, 30), date(2017, 10, 31), date(2017, 11, 30)):
            start = time.process_time()
            found = core.chance(case.transactions, as_of, days)
            used = time.process_time() - start
            seen = seen_by(whole, (as_of - date(1970, 1, 1)).days - whole.epoch)
            bought = (bought_between(whole, seen, days) > 0).astype(np.float64)
            brier = float(((found.chances - bought) ** 2).mean())
            rows.append((area_under_curve(found.chances, bought), brier, calibration_error(found.chances, bought), used))
        names = ("auc", "brier", "calibration_error", "cpu_s")
        say(f"chance of a purchase in {days} days", dict(zip(names, np.mean(rows, axis=0).round(4).tolist(), strict=True)))
    person, _, day, category = journey_lines("product_category")
    last = (date(2017, 9, 30) - date(1970, 1, 1)).days
    for name, keys, groups in (("customers", person, np.zeros_like(person)), ("categories", person * 1000 + category, category)):
        cycles = core.cycles(keys, groups, day, last)
        later = day > last
        at = np.searchsorted(cycles.keys, keys[later])
        known = cycles.keys[np.minimum(at, cycles.keys.size - 1)] == keys[later]
        came = np.full(cycles.keys.size, np.inf)
        np.minimum.at(came, at[known], day[later][known] - last)
        shown = (cycles.reason == "") & (cycles.gaps >= 5)
        error = np.abs(cycles.days_left - came)[shown]
        say(f"next date of {name}", {
            "dates": int(shown.sum()), "error_days": round(float(np.median(error)), 2),
            "error_of_cycle": round(float(np.median(error / cycles.cycle_days[shown])), 3),
            "inside_80": round(float(((came >= cycles.low - 0.5) & (came <= cycles.high + 0.5))[shown].mean()), 3),
        })  # fmt: skip


def lists(arguments: argparse.Namespace) -> None:
    """What the next basket of Complete Journey holds (first day after 30 November 2017), and lists for many members at once."""
    from huitou.core.value import recommend

    cutoff = (date(2017, 11, 30) - date(1970, 1, 1)).days
    for level in ("product_category", "product_type", "product_id"):
        person, basket, day, item = journey_lines(level)
        start = time.process_time()
        found = recommend.trial(recommend.history(person, item, day, int(day.max())), cutoff)
        used = round(time.process_time() - start, 2)
        for name, rows in (("buys again", found.again), ("new", found.fresh)):
            persons = found.persons if name == "buys again" else found.fresh_persons
            for way, row in rows.items():
                scores = {key: round(getattr(row, key), 4) for key in ("recall", "hit", "hit_3")}
                say(f"{level}, {name}: {way}", {**scores, "persons": persons, "cpu_s": used})
        start = time.process_time()
        hidden = recommend.basket_trial(basket, item, day, cutoff)
        names = ("baskets", "hit", "popular_hit", "hit_3", "popular_hit_3")
        told = {key: round(getattr(hidden, key), 4) for key in names}
        say(f"{level}, hidden item of a basket", {**told, "cpu_s": round(time.process_time() - start, 2)})
    say("lists of many", in_own_process(many_lists, arguments.customers))


def many_lists(count: int) -> dict[str, Any]:
    """
    Both lists of ten for so many simulated members, 25 lines each among 5,000 products, learnt from 20,000, in blocks.

    Drawing the lines is outside the clock, merging them to days with an item is inside.
    """
    from huitou.core.value import recommend

    block, last = 50_000, 20_000
    generating = 0.0

    def lines(low: int, high: int) -> recommend.History:
        nonlocal generating
        start = time.process_time()
        rng = np.random.default_rng(low)
        person = np.repeat(np.arange(low, high), 25)
        own = rng.zipf(1.3, (high - low, 6)) % 5_000
        item = np.where(
            rng.random(person.size) < 0.7, own[person - low, rng.integers(0, 6, person.size)], rng.zipf(1.2, person.size) % 5_000
        )
        day = last - rng.integers(0, 365, person.size)
        generating += time.process_time() - start
        return recommend.history(person, item, day, last)

    start = time.process_time()
    sample = lines(0, 20_000)
    habits = recommend.Habits.fit(sample)
    taste = recommend.Taste.of(recommend.affinity(sample.person, sample.items[sample.item]), habits.stock)
    learnt = time.process_time() - start - generating
    rows = 0
    for low in range(0, count, block):
        book = lines(low, min(low + block, count))
        rows += recommend.again(habits, book, 10).rank.size + recommend.fresh(taste, book, 10).rank.size
    used = time.process_time() - start - generating
    return {
        "members": count,
        "rows": rows,
        "learn_cpu_s": round(learnt, 2),
        "cpu_s": round(used, 2),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
    }


def rules(arguments: argparse.Namespace) -> None:
    """Association rules of Complete Journey, and of many simulated lines at two levels, each in a process of its own."""
    from huitou.core.value.associations import DEFAULTS, rules_of

    for level, limits in (("product_category", DEFAULTS["category"]), ("product_id", DEFAULTS["product"])):
        _, basket, _, item = journey_lines(level)
        start = time.process_time()
        found = rules_of(basket, item, limits)
        used = round(time.process_time() - start, 2)
        say(f"rules, {level}", {"baskets": found.baskets, "lines": item.size, "rules": found.right.size, "cpu_s": used})
    for level in ("category", "product"):
        say(f"rules of many lines, {level}", in_own_process(many_rules, level, arguments.lines))


def many_rules(level: str, lines: int) -> dict[str, Any]:
    """Find the rules of so many simulated lines: baskets of eight of 5,000 products in 200 categories, a few of them pulled."""
    from huitou.core.value.associations import DEFAULTS, rules_of

    rng = np.random.default_rng(3)
    basket = np.repeat(np.arange(lines // 8), 8)
    product = rng.zipf(1.2, basket.size) % 5_000
    pulled = rng.random(basket.size) < 0.1
    pulled[0] = False
    product[pulled] = (product[np.flatnonzero(pulled) - 1] * 7 + 1) % 5_000
    wall, cpu = time.monotonic(), time.process_time()
    found = rules_of(basket, product if level == "product" else product % 200, DEFAULTS[level])
    return {
        "lines": basket.size,
        "rules": found.right.size,
        "s": round(time.monotonic() - wall, 2),
        "cpu_s": round(time.process_time() - cpu, 2),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
    }


PARTS = {
    "speed": speed,
    "fits": lambda arguments: say("fits", fits(arguments.sets)),
    "forecast": forecast,
    "soon": soon,
    "lists": lists,
    "rules": rules,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="huitou bench value")
    parser.add_argument("parts", nargs="*", help=f"some of: {' '.join(PARTS)}")
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--large", type=int, default=0)
    parser.add_argument("--sets", type=int, default=200)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "huitou-bench-value")
    arguments = parser.parse_args()
    for name in arguments.parts or PARTS:
        PARTS[name](arguments)


if __name__ == "__main__":
    main()
