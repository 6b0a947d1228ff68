"""
Dirty customer records of four systems with planted truth, for measuring identity resolution.

Everything is invented: names by public frequency, phones of a prefix that belongs to nobody. 30 % of the records are surplus.
The records are written in chunks, one Parquet file per source, and the truth (record_id, person_id) beside them.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from huitou.demo.names import DISTRICTS, FEMALE_CHARS, MALE_CHARS, PHONE_PREFIX, STREETS, SURNAMES

COLUMNS = (
    "record_id", "name", "phone", "member_card", "wx_openid", "wx_unionid", "email", "gender", "birthday", "address", "store_id",
    "created_at",
)  # fmt: skip
SOURCES = ("mall", "pos", "member", "ticket")
DUPLICATE_SHARE = 0.30
_SHARES = (0.28, 0.27, 0.30, 0.15)  # of the records
_FILLED: dict[str, dict[str, float]] = {  # how often a system knows a field
    "mall": {
        "name": 0.9, "phone": 0.9, "card": 0.12, "openid": 0.75, "unionid": 0.5, "email": 0.35, "gender": 0.4, "birthday": 0.25,
        "address": 0.75, "store": 0.1,
    },
    "pos": {
        "name": 0.45, "phone": 0.75, "card": 0.5, "openid": 0.05, "unionid": 0.02, "email": 0.02, "gender": 0.3, "birthday": 0.08,
        "address": 0.05, "store": 1.0,
    },
    "member": {
        "name": 0.97, "phone": 0.95, "card": 0.97, "openid": 0.45, "unionid": 0.4, "email": 0.3, "gender": 0.85, "birthday": 0.75,
        "address": 0.5, "store": 0.95,
    },
    "ticket": {
        "name": 0.85, "phone": 0.9, "card": 0.3, "openid": 0.3, "unionid": 0.15, "email": 0.2, "gender": 0.25, "birthday": 0.05,
        "address": 0.45, "store": 0.4,
    },
}  # fmt: skip
_TRADITIONAL = dict(
    zip(
        "张刘陈杨黄赵吴孙马郑谢许邓萧冯吕蒋叶卢陆贾邹丽伟华国军强红兰凤龙杰庆东贵荣贤学兴义飞传云亚尔宝岭静银雪凯凯诚万",
        "張劉陳楊黃趙吳孫馬鄭謝許鄧蕭馮呂蔣葉盧陸賈鄒麗偉華國軍強紅蘭鳳龍傑慶東貴榮賢學興義飛傳雲亞爾寶嶺靜銀雪凱凱誠萬",
        strict=True,
    )
)
_NICKNAMES = (
    "爱吃鱼的猫", "阳光小院", "一家四口", "今天也要买菜", "早起的鸟", "甜甜圈", "山里人", "橘子汽水", "听风", "小幸运", "大白兔",
    "向日葵", "不吃香菜", "夏天的风", "糖糖妈妈", "轩轩爸爸", "知足常乐",
    "平安是福", "往事随风", "LOVE", "Amy", "Tony", "开心果", "月亮船",
)  # fmt: skip
_NOBODY = ("微信用户", "匿名", "测试", "顾客", "会员", "无", "test", "未知", "散客", "-", "null")
_TEST_PHONES = ("13800138000", "13888888888", "13000000000", "12345678901", "00000000000", "18888888888")
_PROVINCES = (
    ("浙江省", "杭州市"), ("江苏省", "南京市"), ("上海市", "上海市"), ("广东省", "广州市"), ("四川省", "成都市"),
    ("湖北省", "武汉市"),     ("山东省", "济南市"), ("福建省", "福州市"),
)  # fmt: skip
_ESTATES = ("花园", "小区", "公寓", "苑", "家园", "新村", "名邸", "华庭")
_MAIL = ("qq.com", "163.com", "126.com", "sina.com", "gmail.com", "outlook.com", "139.com")

Ints = np.ndarray[tuple[int], np.dtype[np.int64]]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Words:
    """What names are drawn from: surnames and given characters (female, male), each with weights."""

    surnames: Sequence[str]
    surname_weights: Sequence[float]
    given: tuple[Sequence[str], Sequence[str]]
    given_weights: tuple[Sequence[float], Sequence[float]]


def common_words() -> Words:
    """The short lists of the demo, with a falling weight for the characters."""
    female, male = list(FEMALE_CHARS), list(MALE_CHARS)
    falling = tuple([1 / (5 + at) for at in range(len(chars))] for chars in (female, male))
    return Words([name for name, _ in SURNAMES], [float(weight) for _, weight in SURNAMES], (female, male), falling)  # type: ignore[arg-type]


def census_words(folder: Path) -> Words:
    """Longer lists from files cn_surnames.parquet and cn_given_name_chars.parquet in a folder of yours."""
    names = pq.read_table(folder / "cn_surnames.parquet").to_pydict()
    chars = pq.read_table(folder / "cn_given_name_chars.parquet").to_pydict()
    letters = [char for char in chars["character"] if len(char) == 1]
    return Words(
        names["surname"], [float(people) for people in names["people"]], (letters, letters),
        ([float(count) for count in chars["n_female"]], [float(count) for count in chars["n_male"]]),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Recipe:
    """records: how many in all. dirt: 1 is the usual amount, 0 none, 2 twice. hubs: how many shared phones and public cards."""

    records: int
    seed: int = 1
    dirt: float = 1.0
    hubs: int | None = None


class _People:
    """What is true of every person, as arrays; values of the individual fields are made from the index."""

    def __init__(self, recipe: Recipe, words: Words) -> None:
        rng = np.random.default_rng([recipe.seed, 71])
        self.count = count = max(2, round(recipe.records * (1 - DUPLICATE_SHARE)))
        weights = np.array(words.surname_weights) / sum(words.surname_weights)
        self.household = np.arange(count)
        start = rng.random(count) < 0.72  # else: lives with the person before
        start[0] = True
        self.household = np.cumsum(start) - 1
        self.female = rng.random(count) < 0.58
        first = np.flatnonzero(start)[self.household]
        surname = rng.choice(len(weights), count, p=weights)
        self.surname = np.where(~start & (rng.random(count) < 0.45), surname[first], surname)
        self.given = np.full((count, 2), -1)
        for sex in (0, 1):
            rows = np.flatnonzero(self.female == (sex == 0))
            odds = np.array(words.given_weights[sex]) / sum(words.given_weights[sex])
            self.given[rows] = rng.choice(len(odds), (len(rows), 2), p=odds)
        self.given[rng.random(count) < 0.14, 1] = -1
        self.born = rng.integers(0, 365 * 62, count) - 365 * 25  # days from 1970
        step = 48_271 + 2 * (recipe.seed % 1_000)
        self.phone = (np.arange(count, dtype=np.int64) * step * 97 + 12_345 * recipe.seed) % 99_999_989
        self.second_phone = (self.phone * 31 + 7_919) % 99_999_989
        moved = rng.random(count) < 0.07  # has another number by now
        self.has_second = moved
        recycled = np.flatnonzero(rng.random(count) < 0.02)  # got a number that was somebody else's
        self.phone[recycled] = self.second_phone[rng.permutation(np.flatnonzero(moved))[: len(recycled)]][: len(recycled)] if (
            moved.sum() >= len(recycled)
        ) else self.phone[recycled]  # fmt: skip
        shares = ~start & (rng.random(count) < 0.25)
        self.phone[shares] = self.phone[first[shares]]
        self.card = rng.permutation(count) + 10**8 * (recipe.seed % 9 + 1)
        self.new_card = rng.random(count) < 0.08
        self.store = rng.integers(1, 37, count)
        self.home = self.household  # moves are dirt of the record


def _records_of(recipe: Recipe, count: int) -> tuple[Ints, Ints]:
    """Return person and source of every record: each person once, the surplus mostly on people who have more than one."""
    rng = np.random.default_rng([recipe.seed, 72])
    extra = recipe.records - count
    person = np.concatenate([np.arange(count), (rng.random(extra) ** 1.5 * count).astype(np.int64)])
    person[count:] = rng.permutation(count)[person[count:]]
    source = rng.choice(len(SOURCES), recipe.records, p=_SHARES)
    order = rng.permutation(recipe.records)
    return person[order], source[order]


class _Writer:
    """Makes the texts of one record after the other."""

    def __init__(self, recipe: Recipe, words: Words, people: _People) -> None:
        self.words, self.people, self.dirt = words, people, recipe.dirt
        self.rng = random.Random(recipe.seed * 7 + 3)
        hubs = max(3, recipe.records // 2_500) if recipe.hubs is None else recipe.hubs
        self.hub_phones = [f"{PHONE_PREFIX}9{self.rng.randrange(10**7):07d}" for _ in range(hubs)]
        self.hub_cards = [f"{self.rng.randrange(10**9, 10**10)}" for _ in range(max(1, hubs // 10))]
        self.homophones, self.pinyin = homophones(words)

    def happens(self, share: float) -> bool:
        return self.rng.random() < share * self.dirt

    def record(self, person: int, source: str) -> tuple[str | None, ...]:
        rng, people, filled = self.rng, self.people, _FILLED[source]
        known = {field: rng.random() < share for field, share in filled.items()}
        if not (known["phone"] or known["card"] or known["openid"] or known["unionid"] or known["email"]):
            known["phone"] = rng.random() < 0.8
        card = int(people.card[person]) * 7 + (3 if people.new_card[person] and rng.random() < 0.5 else 0)
        app = "oMall" if source in ("mall", "member") else "oTick"
        return (
            self._name(person) if known["name"] else self._empty(),
            self._phone(person) if known["phone"] else self._empty(),
            self._card(card) if known["card"] else self._empty(),
            f"{app}{_code(person, 3 if app == 'oMall' else 5)}" if known["openid"] else None,
            f"uN{_code(person, 11)}" if known["unionid"] else None,
            self._email(person) if known["email"] else None,
            self._gender(person) if known["gender"] else None,
            self._birthday(person) if known["birthday"] else None,
            self._address(person) if known["address"] else None,
            f"S{people.store[person] if rng.random() < 0.8 else rng.randrange(1, 37):02d}" if known["store"] else None,
            f"20{rng.randrange(18, 26)}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d} {rng.randrange(8, 22):02d}:00:00",
        )

    def _empty(self) -> str | None:
        return self.rng.choice(("", "无", "-", "NULL")) if self.happens(0.05) else None

    def _name(self, person: int) -> str:
        rng, words, people = self.rng, self.words, self.people
        family = words.surnames[int(people.surname[person])]
        letters = words.given[0 if people.female[person] else 1]
        given = "".join(letters[at] for at in people.given[person].tolist() if at >= 0)
        draw = rng.random() / self.dirt if self.dirt else 1.0
        title = "女士" if people.female[person] else "先生"
        forms: tuple[tuple[float, Callable[[], str]], ...] = (
            (0.035, lambda: family + rng.choice((title, title, "老师", "总", "阿姨" if people.female[person] else "师傅"))),
            (0.035, lambda: family + "".join(self._alike(char) for char in given)),
            (0.02, lambda: "".join(_TRADITIONAL.get(char, char) for char in family + given)),
            (0.03, lambda: self._spelled(family, given)),
            (0.03, lambda: self._masked(family, given)),
            (0.03, lambda: rng.choice(_NICKNAMES)),
            (0.02, lambda: rng.choice((f"小{family}", f"阿{given[-1]}", f"{given[-1]}{given[-1]}", f"老{family}", given))),
            (0.012, lambda: given + family),
            (0.012, lambda: family + given[:1]),
            (0.02, lambda: rng.choice(_NOBODY)),
            (0.05, lambda: self._decorated(family, given, title)),
        )  # fmt: skip
        for share, form in forms:
            if draw < share:
                return form()
            draw -= share
        return family + given

    def _masked(self, family: str, given: str) -> str:
        shown = family + "*" + (given[1:] if len(given) > 1 else "")
        return self.rng.choice((family + "*" * len(given), "*" * len(family) + given, shown))

    def _alike(self, char: str) -> str:
        return self.rng.choice(self.homophones.get(char, (char,)))

    def _spelled(self, family: str, given: str) -> str:
        one = "".join(self.pinyin.get(char, "") for char in family)
        two = [self.pinyin.get(char, "") for char in given]
        joined = "".join(two)
        return self.rng.choice((
            f"{one.title()} {joined.title()}", f"{one}{joined}", f"{one} {' '.join(two)}".upper(),
            f"{joined.title()} {one.title()}",
        ))  # fmt: skip

    def _decorated(self, family: str, given: str, title: str) -> str:
        name = family + given
        return self.rng.choice((
            f" {name} ", f"{family}　{given}", f"{name}（{title}）", f"{name}🌹", f"A{name}", f"VIP-{name}", f"{name}{title}",
            f"{name}(老客户)", f"{name}1{self.rng.randrange(1000):03d}", f"☆{name}☆", f"会员{name}", f"{family} {given}",
        ))  # fmt: skip

    def _phone(self, person: int) -> str:
        rng, people = self.rng, self.people
        if self.happens(0.006):
            return rng.choice(self.hub_phones)
        if self.happens(0.006):
            return rng.choice(_TEST_PHONES)
        if self.happens(0.01):
            return f"0571-{rng.randrange(10**7, 10**8)}"
        old = people.has_second[person] and rng.random() < 0.45
        digits = f"{PHONE_PREFIX}{int(people.second_phone[person] if old else people.phone[person]):08d}"
        if self.happens(0.02):
            at = rng.randrange(3, 10)
            digits = (
                digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]
                if rng.random() < 0.4
                else digits[:at] + str(rng.randrange(10)) + digits[at + 1 :]
            )
        if self.happens(0.03):
            return f"{digits[:3]}****{digits[7:]}"
        if not self.happens(0.3):
            return digits
        form = rng.randrange(8)
        groups = f"{digits[:3]}-{digits[3:7]}-{digits[7:]}"
        wide = "".join(chr(ord(digit) + 0xFEE0) for digit in digits)
        return (
            f"+86 {digits}", f"0086{digits}", groups, groups.replace("-", " "), wide, f"+86-{groups}", f"86{digits}",
            f"{digits}.0",
        )[form]  # fmt: skip

    def _card(self, card: int) -> str:
        if self.happens(0.01):
            return self.rng.choice(self.hub_cards)
        text = f"{card:011d}"
        if self.happens(0.012):
            at = self.rng.randrange(2, 10)
            text = text[:at] + str(self.rng.randrange(10)) + text[at + 1 :]
        if self.happens(0.02):
            return f"{text[:4]}****{text[-4:]}"
        spaced = (f" {text}", f"{text[:4]} {text[4:8]} {text[8:]}", f"{text[:4]}-{text[4:]}")
        return self.rng.choice(spaced) if self.happens(0.1) else text

    def _email(self, person: int) -> str:
        mail = f"{_code(person, 17)[:8].lower()}{person % 97}@{_MAIL[person % len(_MAIL)]}"
        if self.happens(0.02):
            mail = mail.replace(".com", ".con") if self.rng.random() < 0.5 else mail[1:]
        return mail.upper() if self.happens(0.05) else f" {mail}" if self.happens(0.03) else mail

    def _gender(self, person: int) -> str:
        female = bool(self.people.female[person]) != self.happens(0.015)
        return self.rng.choice(("女", "F", "female", "2", "女士") if female else ("男", "M", "male", "1", "先生"))

    def _birthday(self, person: int) -> str:
        rng = self.rng
        if self.happens(0.05):
            return rng.choice(("1900-01-01", "1970-01-01", "2000-01-01", "1990-01-01", "0000-00-00"))
        shift = rng.randrange(20, 48) if (lunar := self.happens(0.04)) else 0
        year, month, day = np.datetime64(int(self.people.born[person]) - shift, "D").astype(object).timetuple()[:3]
        if self.happens(0.015) and day <= 12:
            month, day = day, month
        if self.happens(0.015):
            year += rng.choice((-10, -1, 1, 10))
        mark = "农历" if lunar and rng.random() < 0.2 else ""
        if not self.happens(0.4):
            return f"{mark}{year}-{month:02d}-{day:02d}"
        return mark + rng.choice((
            f"{year}/{month}/{day}", f"{year}{month:02d}{day:02d}", f"{year}年{month}月{day}日", f"{year}.{month:02d}.{day:02d}",
            f"{year}-{month:02d}-{day:02d} 00:00:00", f"{month:02d}-{day:02d}", f"{year % 100:02d}-{month:02d}-{day:02d}",
            f"{month:02d}/{day:02d}/{year}",
        ))  # fmt: skip

    def _address(self, person: int) -> str:
        rng = self.rng
        home = int(self.people.home[person])
        if self.happens(0.06):
            home += 1_000_003 + rng.randrange(50)
        if self.happens(0.01):
            return "总店自提"
        draw = random.Random(home * 31 + 5)
        province, city = _PROVINCES[draw.randrange(len(_PROVINCES))]
        district, street = draw.choice(DISTRICTS), draw.choice(STREETS)
        number, estate = draw.randrange(1, 400), draw.choice(STREETS)[:2] + draw.choice(_ESTATES)
        block, unit, room = draw.randrange(1, 40), draw.randrange(1, 5), draw.randrange(1, 30) * 100 + draw.randrange(1, 5)
        if self.happens(0.1):
            return f"{city}{district}{street}"
        if self.happens(0.1):
            return f"{city}{district}{street}{number}号"
        head = rng.choice((f"{province}{city}", city, f"{province}{city}", ""))
        tail = rng.choice(
            (f"{block}幢{unit}单元{room}室", f"{block}栋{unit}单元{room}", f"{block}-{unit}-{room}", f"{block}号楼{room}室")
        )
        return f"{head}{district}{street}{number}号{estate}{tail}"


def _code(person: int, salt: int) -> str:
    """Return 22 letters that belong to this person alone."""
    alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789-_"
    state, letters = (person * 2_654_435_761 + salt * 97_531) % (1 << 61), []
    for _ in range(22):
        state = (state * 6_364_136_223_846_793_005 + 1_442_695_040_888_963_407) % (1 << 64)
        letters.append(alphabet[(state >> 40) % len(alphabet)])
    return "".join(letters)


def homophones(words: Words) -> tuple[dict[str, Sequence[str]], dict[str, str]]:
    """Return for each character those of equal sound among the given ones, and the sound of each."""
    from pypinyin import lazy_pinyin

    chars = {char for name in (*words.surnames, *words.given[0], *words.given[1]) for char in name}
    sound = {char: str(lazy_pinyin(char)[0]) for char in sorted(chars)}
    groups: dict[str, list[str]] = {}
    for char in (*words.given[0], *words.given[1]):
        groups.setdefault(sound[char], []).append(char)
    return {char: groups[sound[char]] for char in sound if sound[char] in groups}, sound


def record_chunks(
    recipe: Recipe, words: Words | None = None, *, chunk: int = 100_000
) -> Iterator[tuple[str, pa.Table, pa.Table]]:
    """Yield (source, records, truth) in pieces; record ids are texts such as "pos-000017", unique over all sources."""
    words = common_words() if words is None else words
    people = _People(recipe, words)
    person, source = _records_of(recipe, people.count)
    writer = _Writer(recipe, words, people)
    for code, name in enumerate(SOURCES):
        rows = np.flatnonzero(source == code)
        for low in range(0, len(rows), chunk):
            part = person[rows[low : low + chunk]].tolist()
            ids = [f"{name}-{low + at:09d}" for at in range(len(part))]
            made = [writer.record(one, name) for one in part]
            columns = [ids, *(list(column) for column in zip(*made, strict=True))]
            table = pa.table([pa.array(column, pa.string()) for column in columns], names=list(COLUMNS))
            yield name, table, pa.table({"record_id": pa.array(ids, pa.string()), "person_id": pa.array(part, pa.int64())})


def write_identities(
    folder: Path,
    recipe: Recipe,
    words: Words | None = None,
    progress: Progress = lambda done, total: None,
    chunks: Callable[..., Iterator[tuple[str, pa.Table, pa.Table]]] = record_chunks,
) -> int:
    """
    Write SOURCE.parquet for every source and truth.parquet into a folder; return how many records.

    chunks: who makes the records, `record_chunks` of this module or of `demo.identities_leases`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    writers: dict[str, pq.ParquetWriter] = {}
    done = 0
    try:
        for source, records, truth in chunks(recipe, words):
            for name, table in ((source, records), ("truth", truth)):
                if name not in writers:
                    writers[name] = pq.ParquetWriter(folder / f"{name}.parquet", table.schema, compression="zstd")
                writers[name].write_table(table)
            done += len(records)
            progress(done, recipe.records)
    finally:
        for writer in writers.values():
            writer.close()
    return done
