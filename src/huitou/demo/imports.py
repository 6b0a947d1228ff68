"""
The demo's imports: two files of members that a store filled in by hand, the second with lines that cannot be right.

The rows keep the planted figures of the chain: of the records 30.0 % are surplus, and their mean completeness is 65.0 %.
"""

import csv
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from datetime import date, datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path

import numpy as np

from huitou.apps.base import jobs
from huitou.apps.base.queries import jobs_waiting
from huitou.apps.base.scope import Viewer
from huitou.apps.builds.services import backfill_run, cycle_run
from huitou.apps.identity.services.import_persons import JOB
from huitou.apps.intake.imports import import_named
from huitou.apps.intake.services import import_run, import_upload
from huitou.connectors.membership.fake_store import FILE_NAME
from huitou.demo.names import draw_names, draw_phones

SOURCE, TITLE = "files", "会员补录"
FILES = ("会员补录_第一批.csv", "会员补录_第二批.csv")
_HEADER = ("会员卡号", "姓名", "手机号", "性别", "生日", "门店编码", "更新时间")
_NEW, _KNOWN = 14, 6  # persons nobody knew, and members of the chain: 30 % of the records are surplus
_CHILDREN = {2: 9, 13: 12}  # of the new ones, and how old they turn in the year of the import: their cards are on their own names
_SEED = 20_260_707
_APART = timedelta(seconds=1)  # whom a file brought is told by its moment: the first one's persons were there before the second
_MEMBERS = """
    select m.member_no, c.card_no, m.name, m.mobile, '', m.birthday, '' from member as m
    join card as c on c.member_no = m.member_no and c.status = 'active'
    where m.mobile_verified = 1 and m.mobile glob '154????????' and m.birthday glob '????-??-??' and m.name not like '% %'
    group by m.mobile having count(*) = 1 order by m.member_no
"""
Row = tuple[str, ...]


def imports_make(*, chain_dir: Path, anchor: date, store_code: str, known: Collection[str], by: int, now: datetime) -> None:
    """
    Bring the two files in as the wizard does, and give the rows to their persons; files that are in already are left alone.

    anchor: the last business day of the chain. known: member numbers whose files stay as they are.
    """
    viewer, is_new = Viewer(by, "engineer", None), False
    for number, (file_name, rows) in enumerate(zip(FILES, _files(chain_dir, anchor, store_code, known), strict=True)):
        found = import_named(viewer, SOURCE, file_name)
        if found is not None and found.ended_at is not None:
            continue
        at = now + number * _APART
        import_id = found.import_id if found is not None else _uploaded(file_name, rows, by, at)
        import_run(import_id=import_id, now=at)  # killed in the middle, the next start goes on
        backfill_run(now=at)
        is_new = True
    if is_new:
        cycle_run(now=now + len(FILES) * _APART, live_only=True)
        for job_id in jobs_waiting(JOB):
            jobs.run_attempt(job_id)


def _uploaded(file_name: str, rows: Sequence[Row], by: int, now: datetime) -> int:
    text = StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([_HEADER, *rows])
    stream = BytesIO(text.getvalue().encode("gb18030"))
    return import_upload(
        stream=stream, file_name=file_name, source_code=SOURCE, source_title=TITLE, kind_code="members", user_id=by, now=now
    ).pk


def _files(chain_dir: Path, anchor: date, store_code: str, known: Collection[str]) -> Iterator[list[Row]]:
    """Yield the rows of both files; of a person whom both tell the second tells the same, or the store in addition."""
    early, late = (f"{anchor - timedelta(days=ago)} 18:30:00" for ago in (9, 2))
    members, fresh = _members(chain_dir, known), _strangers(store_code, anchor.year)
    yield [(*row, early) for row in (*members[:4], *(_untold(row) for row in fresh[:8]))]
    yield [
        *((*_untold(row), early) for row in fresh[:3]),
        *((*row, late) for row in fresh[3:8]),
        *((*row, late) for row in (*members[4:], *fresh[8:])),
        *((*row, late) for row in _impossible(fresh, anchor)),
    ]


def _members(chain_dir: Path, known: Collection[str]) -> list[Row]:
    with closing(sqlite3.connect(f"file:{chain_dir / 'membership' / FILE_NAME}?mode=ro", uri=True)) as connection:
        found = connection.execute(_MEMBERS).fetchall()
    return [tuple(row) for number, *row in found if number not in known][:_KNOWN]


def _strangers(store_code: str, year: int) -> list[Row]:
    """Return new members: name and phone with a birthday (65 % of a file), or with the gender (60 %) and the store (70 %)."""
    rng = np.random.default_rng(_SEED)
    names, sexes = draw_names(rng, _NEW)
    phones, cards = draw_phones(rng, _NEW), rng.choice(10**7, size=_NEW, replace=False)
    rows: list[Row] = []
    for at, (name, sex, phone, card) in enumerate(zip(names, sexes, phones, cards.tolist(), strict=True)):
        born_in = year - _CHILDREN[at] if at in _CHILDREN else 1958 + 3 * at
        born = "" if 3 <= at < 13 else f"{born_in}-{1 + at % 12:02}-{1 + 2 * at:02}"
        rows.append((f"8899{card:07}", name, phone, "" if born else sex, born, store_code if 3 <= at < 8 else ""))
    return rows


def _untold(row: Row) -> Row:
    return (*row[:5], "")


def _impossible(fresh: Sequence[Row], anchor: date) -> Iterator[Row]:
    """Yield what is written at a counter on a busy day: a digit too few or too many, tomorrow's children, nobody's name alone."""
    card, name, phone, sex, _, store = fresh[8]
    other = str(int(card) + 1_013)
    yield (other, name, phone[:-1], sex, "", store)
    yield (other, name, f"{phone}7", sex, "", store)
    yield (other, name, phone, sex, f"{anchor.year + 26}-03-14", store)
    yield (other, name, phone, sex, "1988-02-31", store)
    yield ("", name, "", sex, "", store)
