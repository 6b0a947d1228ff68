"""
How long the pages take on a chain of any size: customers, orders, products, tasks and coupons as lists, search, the pages of
a person, a product and a store, cockpit, value, data and review.

    HUITOU_HOME=<a filled installation> huitou bench pages [--requests 400] [--only WORD ...] [--users 20 [--pause 3]]

Starts the real web server (granian) on the installation, logs in as users made for the run and removed after it (a marketer; for
pages he may not open a manager, a service agent, the manager of the store with the lowest id), and asks for pages one after
another: random persons and products, random search words taken from the installation's own people, every sort of the list and
pages in its middle. Prints p50, p95 and the slowest in milliseconds, with the number of persons.

With --users, so many people are logged in at once for --seconds: each asks for a page of a random kind, reads it for --pause
seconds on average (exponentially distributed; 0: clicks without reading), and asks for the next one.
"""

import argparse
import json
import os
import platform
import random
import re
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass

import django
import httpx

from huitou.apps.accounts.roles import Role
from huitou.cli.serve import processes_usual
from huitou.core.filters.json_form import dump
from huitou.core.filters.tree import EVERYTHING, All, Condition, Node, Not, Operator
from huitou.core.filters.url_form import to_url
from huitou.web.assets_build import static_collect

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huitou.web.settings")
os.environ["HUITOU_LOG_LEVEL"] = "ERROR"
USERNAME, PASSWORD = "bench-pages-{}", "bench-pages-password"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=400, help="requests per kind of page")
    parser.add_argument("--only", nargs="+", default=[], help="kinds whose name has one of these words; default: all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--users", type=int, default=0, help="people at once; 0: one page after another")
    parser.add_argument("--pause", type=float, default=3.0, help="seconds a person reads a page, on average")
    parser.add_argument("--processes", type=int, default=processes_usual(), help="of the web server, with --users")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long they stay")
    arguments = parser.parse_args()
    django.setup()
    rng = random.Random(arguments.seed)
    found = sample(rng, arguments.requests)
    results: dict[str, object]
    with users(), server(processes=arguments.processes if arguments.users else 1) as address:
        if arguments.users:
            results = crowd(address, arguments, found)
        else:
            with closing(Staff(address)) as staff:
                kinds = among(page_kinds(staff, found), arguments.only)
                results = {name: measure(ask, arguments.requests) for name, ask in kinds.items()}
    print(
        json.dumps({"persons": count_persons(), "machine": f"{os.cpu_count()} cores, {platform.machine()}", **results}, indent=1)
    )


def count_persons() -> int:
    from huitou.apps.customers.models import Person

    return Person.objects.filter(is_live=True).count()


@dataclass(frozen=True)
class Sample:
    """Live persons, of as many the clear values that one would search them by, and products (id, code)."""

    persons: list[int]
    known: list[dict[str, str]]
    products: list[tuple[int, str]]

    def turned(self, by: int) -> "Sample":
        """Return the same, beginning somewhere else."""
        return Sample(*(part[by % len(part) :] + part[: by % len(part)] for part in (self.persons, self.known, self.products)))


def sample(rng: random.Random, wanted: int) -> Sample:
    """Return random rows of the installation, `wanted` of each kind or all there are."""
    from huitou.apps.base.secrets import keyring
    from huitou.apps.customers.models import Person
    from huitou.apps.customers.profiles import profile_open
    from huitou.apps.products.models import Product

    highest = Person.objects.order_by("-id").values_list("id", flat=True).first() or 0
    found: list[Person] = []
    while len(found) < wanted:
        ids = [rng.randint(1, highest) for _ in range(500)]
        found += Person.objects.filter(id__in=ids, is_live=True)
    values = [profile_open(keyring(), person.pk, person.profile) for person in found[:wanted]]
    products = list(Product.objects.order_by("pk").values_list("pk", "code"))
    return Sample(
        [person.pk for person in found[:wanted]],
        [{name: str(value["value"]) for name, value in one.items()} for one in values],
        rng.sample(products, min(wanted, len(products))),
    )


@contextmanager
def users() -> Iterator[None]:
    from huitou.apps.accounts.models import User
    from huitou.apps.products.models import Store

    roles = {Role.MARKETER: [], Role.MANAGER: [], Role.AGENT: [], Role.STORE_MANAGER: [Store.objects.order_by("pk").first()]}
    names = {role: USERNAME.format(role.value) for role in roles}
    User.objects.filter(username__in=names.values()).delete()
    made = [
        User.objects.create_user(
            username=names[role], password=PASSWORD, role_code=role, store_ids=[store.pk for store in stores if store]
        )
        for role, stores in roles.items()
    ]
    try:
        yield
    finally:
        for one in made:
            one.delete()


@contextmanager
def server(*, processes: int) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    static_collect()
    granian = [os.path.join(os.path.dirname(sys.executable), "granian"), "--interface", "wsgi", "--host", "127.0.0.1"]
    running = subprocess.Popen(
        [*granian, "--port", str(port), "--workers", str(processes), "huitou.web.serving:application"], stdout=subprocess.DEVNULL
    )
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(200):
            try:
                httpx.get(f"{address}/healthz", timeout=5)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield address
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(timeout=20)


class Staff:
    """The users made for the run, each with a browser, logged in when first asked for."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.browsers: dict[Role, httpx.Client] = {}

    def browser(self, role: Role) -> httpx.Client:
        if role not in self.browsers:
            self.browsers[role] = httpx.Client(base_url=self.address, timeout=60, follow_redirects=True)
            log_in(self.browsers[role], USERNAME.format(role.value))
        return self.browsers[role]

    def close(self) -> None:
        for browser in self.browsers.values():
            browser.close()


def crowd(address: str, arguments: argparse.Namespace, found: Sample) -> dict[str, object]:
    """Let many people ask at once; milliseconds by kind of page and over all of them."""
    kinds = []
    for number in range(arguments.users):
        kinds.append(among(page_kinds(Staff(address), found.turned(number)), arguments.only))
    for asks in kinds[0].values():
        asks(0)
    taken: dict[str, list[float]] = {name: [] for name in kinds[0]}
    until = time.monotonic() + arguments.seconds

    def person(number: int) -> None:
        rng = random.Random(f"{arguments.seed}+{number}")
        asked = 0
        while True:
            time.sleep(rng.expovariate(1 / arguments.pause) if arguments.pause else 0)
            if time.monotonic() > until:
                return
            name = rng.choice(list(taken))
            started = time.perf_counter()
            kinds[number][name](asked)
            taken[name].append((time.perf_counter() - started) * 1000)
            asked += 1

    with ThreadPoolExecutor(arguments.users) as pool:
        list(pool.map(person, range(arguments.users)))
    together = [value for values in taken.values() for value in values]
    return {
        "users": arguments.users, "pause_s": arguments.pause, "pages": len(together),
        "pages_per_second": round(len(together) / arguments.seconds, 1), "all": spread(together),
        **{name: spread(values) for name, values in taken.items() if len(values) > 1},
    }  # fmt: skip


def token(page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    if found is None:
        raise SystemExit("the page has no form token")
    return found.group(1)


def log_in(client: httpx.Client, username: str) -> None:
    from django.urls import reverse

    page = client.get(reverse("accounts:login"))
    answer = client.post(
        page.url.path,
        data={"username": username, "password": PASSWORD, "csrfmiddlewaretoken": token(page.text)},
        headers={"Referer": str(page.url)},
    )
    if "csrfmiddlewaretoken" not in answer.text or answer.url.path == page.url.path:
        raise SystemExit(f"could not log in: {answer.status_code} at {answer.url.path}")


def page_kinds(staff: Staff, found: Sample) -> dict[str, Callable[[int], None]]:
    from django.urls import reverse

    from huitou.apps.products.models import Store
    from huitou.apps.segments.models import Comparison

    persons, known, products = found.persons, found.known, found.products
    orders, goods = reverse("orders:list"), reverse("products:products")
    client = staff.browser(Role.MARKETER)
    counted = {name: (role, reverse(route)) for name, (role, route) in PAGES.items()}
    if compared := Comparison.objects.values_list("segment_id", flat=True).first():
        counted["what a comparison earned"] = (Role.MARKETER, reverse("segments:comparison", args=[compared]))
    stores = [reverse("stores:store", args=[pk]) for pk in Store.objects.order_by("pk").values_list("pk", flat=True)]
    first = client.get(reverse("customers:list"))
    form_token = token(first.text)
    search, palette = reverse("customers:search"), reverse("system:find")

    def found_by(field: str, cut: Callable[[str], str], place: str = search) -> Callable[[int], None]:
        words = [cut(one[field]) for one in known if one.get(field)]
        return lambda number: check(
            client.post(
                place,
                data={"term": words[number % len(words)], "csrfmiddlewaretoken": form_token},
                headers={"Referer": str(first.url)},
            )
        )

    return {
        "person page": lambda number: check(client.get(reverse("customers:person", args=[persons[number % len(persons)]]))),
        "list, first page": lambda number: check(client.get(reverse("customers:list"))),
        "list, walking on": walker(client, reverse("customers:list")),
        **{f"list, {name}": asking(client, reverse("customers:list"), filters, sort) for name, (filters, sort) in LISTS.items()},
        "list, what everybody's count is made of": parted(client, EVERYTHING),
        "list, what the count of high value at risk is made of": parted(client, AT_RISK),
        "orders, first page": asking(client, orders, EVERYTHING, "-date"),
        "orders, walking on": walker(client, orders),
        "orders, by net": asking(client, orders, EVERYTHING, "-net"),
        "orders, returned ones of a week": asking(client, orders, RETURNED_THIS_WEEK, "-net"),
        "orders, with a product": lambda number: check(
            client.get(orders, params={"f": to_url(Condition("product", Operator.EQ, products[number % len(products)][1]))})
        ),
        "products, first page": asking(client, goods, EVERYTHING, "-net"),
        "products, not sold for four weeks": asking(client, goods, Condition("days_since_sold", Operator.GTE, 28), "-last_sold"),
        **{
            f"product page, {days // 7} weeks": lambda number, days=days: check(
                client.get(reverse("products:product", args=[products[number % len(products)][0]]), params={"days": days})
            )
            for days in (28, 364)
        },
        **{name: getting(staff.browser(role), url) for name, (role, url) in counted.items()},
        "store page": lambda number: check(client.get(stores[number % len(stores)])),
        "whom a send could reach, another rule each time": lambda number: check(
            client.post(
                reverse("segments:reach"),
                data={"rule": reach_rule(number), "csrfmiddlewaretoken": form_token},
                headers={"Referer": str(first.url)},
            )
        ),
        "search by full phone": found_by("phone", str),
        "search by phone tail": found_by("phone", lambda phone: phone[-4:]),
        "search by name": found_by("name", str),
        "palette by phone tail": found_by("phone", lambda phone: phone[-4:], palette),
        "palette by name": found_by("name", str, palette),
    }


def among(kinds: dict[str, Callable[[int], None]], words: Sequence[str]) -> dict[str, Callable[[int], None]]:
    """Return the kinds whose name has one of the words; all without a word."""
    return {name: ask for name, ask in kinds.items() if not words or any(word in name for word in words)}


def getting(client: httpx.Client, url: str) -> Callable[[int], None]:
    """Ask for one address again and again."""
    return lambda number: check(client.get(url))


def reach_rule(number: int) -> str:
    """Return a rule of nearly everybody that no other number has."""
    return json.dumps(dump(Condition("orders", Operator.LTE, 1_000 + number)))


def parted(client: httpx.Client, filters: Node) -> Callable[[int], None]:
    """Ask what the count of a filter is made of, never from what is kept: the number stands for another count each time."""
    from django.urls import reverse

    asked = {} if filters == EVERYTHING else {"f": to_url(filters)}
    return lambda number: check(client.get(reverse("lists:parts", args=["customer"]), params={**asked, "count": str(number)}))


PAGES: dict[str, tuple[Role, str]] = {
    "cockpit": (Role.MANAGER, "cockpit:cockpit"),
    "data page": (Role.MANAGER, "data:data"),
    "review of pairs": (Role.AGENT, "identity:review"),
    "tasks of a store": (Role.STORE_MANAGER, "tasks:list"),
    "today in a store": (Role.STORE_MANAGER, "tasks:today"),
    "customers of a store, with the menu's count of tasks": (Role.STORE_MANAGER, "customers:list"),
    "coupons": (Role.MARKETER, "coupons:list"),
    "segments": (Role.MARKETER, "segments:list"),
    "stores": (Role.MARKETER, "products:stores"),
    "value": (Role.MARKETER, "value:value"),
    "two schemes crossed": (Role.MARKETER, "value:cross"),
    "why customers stay away": (Role.MARKETER, "value:churn"),
    "paths to the first order": (Role.MARKETER, "value:paths"),
    "to verify": (Role.MARKETER, "quality:stale"),
}
RETURNED_THIS_WEEK = All((Condition("days_since", Operator.LTE, 6), Condition("returned", Operator.GT, 0)))
AT_RISK = All((
    Condition("tier_pyramid", Operator.IN, ("DIAMOND", "CORE")), Condition("days_since_purchase", Operator.GT, 60),
    Not(Condition("stage", Operator.EQ, "dormant")),
))  # fmt: skip
LISTS: dict[str, tuple[Node, str]] = {
    "by predicted value": (EVERYTHING, "-clv_12m"),
    "by predicted value, lowest first": (EVERYTHING, "clv_12m"),
    "diamonds by predicted value": (Condition("tier_pyramid", Operator.EQ, "DIAMOND"), "-clv_12m"),
    "basic ones by last purchase": (Condition("tier_pyramid", Operator.EQ, "BASIC"), "-last_purchase"),
    "basic ones by net of a year": (Condition("tier_pyramid", Operator.EQ, "BASIC"), "-net_365d"),
    "basic ones by orders": (Condition("tier_pyramid", Operator.EQ, "BASIC"), "-orders"),
    "basic ones by predicted value": (Condition("tier_pyramid", Operator.EQ, "BASIC"), "-clv_12m"),
    "potential ones by orders": (Condition("tier_pyramid", Operator.EQ, "POTENTIAL"), "-orders"),
    "predicted above 1,000 yuan by last purchase": (Condition("clv_12m", Operator.GTE, 100_000), "-last_purchase"),
    "high value at risk by predicted value": (AT_RISK, "-clv_12m"),
    "diamonds of four sources (nobody)": (
        All((Condition("tier_pyramid", Operator.EQ, "DIAMOND"), Condition("sources", Operator.GTE, 4))),
        "-clv_12m",
    ),
    "by net of a year": (EVERYTHING, "-net_365d"),
    "by orders": (EVERYTHING, "orders"),
    "60 orders and more by last purchase": (Condition("orders", Operator.GTE, 60), "-last_purchase"),
    "new ones by net of a year": (Condition("stage", Operator.EQ, "new"), "-net_365d"),
    "net above 1,000 yuan by orders": (Condition("net", Operator.GTE, 100_000), "-orders"),
    "15 orders in 90 days": (Condition("orders_90d", Operator.GTE, 15), "-last_purchase"),
    "four sources and more by net of a year": (Condition("sources", Operator.GTE, 4), "-net_365d"),
    "completeness below 0.2": (Condition("completeness", Operator.LT, 0.2), "-last_purchase"),
    "twelve stores and four sources": (
        All((Condition("home_store", Operator.IN, tuple(range(1, 13))), Condition("sources", Operator.GTE, 4))),
        "-net_365d",
    ),
}


def asking(client: httpx.Client, address: str, filters: Node, sort: str) -> Callable[[int], None]:
    """Ask for the first page of a list again and again."""
    query = {"sort": sort} | ({} if filters == EVERYTHING else {"f": to_url(filters)})
    return lambda number: check(client.get(address, params=query))


def walker(client: httpx.Client, start: str) -> Callable[[int], None]:
    """Follow the link to the next page again and again."""
    where = {"url": start}

    def step(number: int) -> None:
        page = check(client.get(where["url"]))
        following = re.search(r'rel="next" href="([^"]*)"', page.text)  # a row's link has a place in the list, too
        where["url"] = following.group(1).replace("&amp;", "&") if following else start
        if where["url"].startswith("?"):
            where["url"] = start + where["url"]

    return step


def check(answer: httpx.Response) -> httpx.Response:
    if not answer.is_success:
        raise SystemExit(f"{answer.request.method} {answer.url.path} answered {answer.status_code}")
    return answer


def measure(ask: Callable[[int], object], requests: int) -> dict[str, float]:
    """Ask 20 times to warm up, then measure; milliseconds."""
    for number in range(20):
        ask(number)
    taken = []
    for number in range(requests):
        started = time.perf_counter()
        ask(number)
        taken.append((time.perf_counter() - started) * 1000)
    return spread(taken)


def spread(taken: list[float]) -> dict[str, float]:
    """Median, p95 and the slowest of at least two times."""
    cuts = statistics.quantiles(taken, n=20)
    return {"p50": round(statistics.median(taken), 1), "p95": round(cuts[18], 1), "max": round(max(taken), 1)}


if __name__ == "__main__":
    main()
