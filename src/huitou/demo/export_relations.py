"""Write who recruited whom and who is in which chat group into the membership system's tables."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

import numpy as np

from huitou.connectors.membership import fake_store
from huitou.demo.export_membership import joined_at, local_text
from huitou.demo.records import Record
from huitou.demo.tables import read_table

REFERRED_SHARE = 0.15  # of the members
GROUPED_SHARE = 0.10
LEFT_SHARE = 0.12  # of those in a group left it again
MOST_IN_GROUP = 200
EARLY = 2.5  # the higher, the more a store's first members recruit
GUIDES = ("小悦", "小周", "小林", "小何", "小方", "小安")


def write_relations(path: Path, records: Sequence[Record], *, showcase_id: int, anchor: date, seed: int) -> None:
    """Fill the tables of referrals and groups. The showcase person was recruited, recruited somebody, and is in the group."""
    rng = np.random.default_rng([seed, 6])
    members: dict[str, list[Record]] = {}
    for record in sorted((one for one in records if one.system == "membership"), key=lambda one: (joined_at(one), one.source_id)):
        if not record.is_unlinkable:
            members.setdefault(record.person.store_code, []).append(record)
    referrals = [row for store in sorted(members) for row in _referrals(members[store], showcase_id, rng)]
    fake_store.put_rows(
        path, "referral", [(f"RF{number:06d}", *row) for number, row in enumerate(sorted(referrals, key=_when), start=1)]
    )
    names = {row["code"]: row["name"] for row in read_table("stores")}
    stays = [row for store in sorted(members) for row in _stays(members[store], names[store], showcase_id, anchor, rng)]
    fake_store.put_rows(path, "chat_member", [(f"CM{number:06d}", *row) for number, row in enumerate(stays, start=1)])


def _when(row: tuple[str, str, str]) -> tuple[str, str]:
    return row[2], row[0]


def _referrals(members: Sequence[Record], showcase_id: int, rng: np.random.Generator) -> Iterator[tuple[str, str, str]]:
    """Yield (member, referrer, moment) among the members of one store in order of joining."""
    shown = next((place for place, one in enumerate(members) if one.person.person_id == showcase_id), None)
    for place, record in enumerate(members[1:], start=1):
        drawn, by = rng.random(), int(place * rng.random() ** EARLY)
        if shown is not None and place == shown + 1:
            by = shown
        elif drawn >= REFERRED_SHARE and place != shown:
            continue
        if members[by].person is not record.person:
            yield record.source_id, members[by].source_id, joined_at(record)


def _stays(
    members: Sequence[Record], store_name: str, showcase_id: int, anchor: date, rng: np.random.Generator
) -> Iterator[tuple[str | None, ...]]:
    """Yield the rows of the group of one store."""
    end = datetime.combine(anchor, time(21))
    guide, count = GUIDES[int(rng.integers(len(GUIDES)))], 0
    for record in members:
        drawn, days, leaves = rng.random(3)
        if (drawn >= GROUPED_SHARE or count == MOST_IN_GROUP) and record.person.person_id != showcase_id:
            continue
        count += 1
        joined = datetime.fromisoformat(joined_at(record)) + timedelta(minutes=20)
        joined += (end - joined) * float(days) * 0.9
        left = joined + (end - joined) * float(rng.random()) if leaves < LEFT_SHARE else None
        if record.person.person_id == showcase_id:
            left = None
        store_code = record.person.store_code
        yield (
            record.source_id, f"{store_code}-1", f"{store_name}福利群", guide, store_code, local_text(joined),
            None if left is None else local_text(left), local_text(left or joined),
        )  # fmt: skip
