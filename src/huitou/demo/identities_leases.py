"""
A second, independent way to make dirty customer records with truth: numbers are leases that change hands with time.

Written apart from `demo.identities`, with other shares of sources and fields, other dirt and other words, so that a matcher
tuned to one of the two shows it in the other. `record_chunks` of `demo.identities` gives the same columns, sources and truth.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa

from huitou.demo.identities import COLUMNS, DUPLICATE_SHARE, SOURCES, Recipe, Words, common_words, homophones

_SHARES = (0.30, 0.25, 0.29, 0.16)  # of the records
_FIELDS = ("name", "phone", "card", "openid", "unionid", "email", "gender", "birthday", "address", "store")
_FILLED = {  # how often a system knows each of _FIELDS
    "mall": (0.88, 0.93, 0.10, 0.80, 0.55, 0.30, 0.35, 0.20, 0.80, 0.12),
    "pos": (0.35, 0.72, 0.55, 0.03, 0.02, 0.01, 0.25, 0.05, 0.04, 1.0),
    "member": (0.97, 0.97, 0.96, 0.50, 0.45, 0.25, 0.85, 0.72, 0.45, 0.96),
    "ticket": (0.90, 0.94, 0.20, 0.35, 0.20, 0.15, 0.20, 0.03, 0.55, 0.50),
}
_APPS = {"mall": (0,), "member": (0, 0, 1), "pos": (1,), "ticket": (2,)}  # whose openid a system sees
_STORES, _DAYS = 120, 365 * 7
_FIRST_DAY, _FIRST_BIRTH = datetime(2019, 1, 1), date(1950, 1, 1)  # noqa: DTZ001 - texts without a zone, as systems write them
_PREFIXES = ("160", "161", "163", "164", "168", "169")  # given to nobody
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_MAIL = ("qq.com", "163.com", "126.com", "gmail.com", "sina.cn", "foxmail.com", "hotmail.com")
_CITIES = (
    ("北京市", "", ("朝阳区", "海淀区", "丰台区", "通州区")), ("河北省", "石家庄市", ("长安区", "桥西区", "裕华区")),
    ("辽宁省", "沈阳市", ("和平区", "沈河区")), ("陕西省", "西安市", ("雁塔区", "碑林区", "未央区")),
    ("河南省", "郑州市", ("金水区", "二七区", "中原区")), ("湖南省", "长沙市", ("岳麓区", "芙蓉区")),
    ("重庆市", "", ("渝中区", "江北区", "南岸区")),
)  # fmt: skip
_ROADS = tuple(
    one + two + kind
    for one in "建中人新解文和长东西南北红"
    for two in "设山民华放化平安风门湖京旗"
    for kind in ("路", "街", "大道")
)
_ESTATES = tuple(
    one + two
    for one in ("金色", "阳光", "翠湖", "锦绣", "东方", "御景", "水岸", "凤凰")
    for two in ("花园", "家园", "小区", "名城", "新城")
)
_NICKNAMES = (
    "小确幸",
    "Sunny",
    "岁月静好",
    "木子李",
    "追风少年",
    "Lucky",
    "一叶知秋",
    "橙子",
    "☀️晴天",
    "A建材老王",
    "momo",
    "宝妈",
)
_NOBODY = (
    "微信用户",
    "用户8837261",
    "匿名",
    "无",
    "/",
    "测试",
    "先生",
    "女士",
    "会员",
    "散客",
    "路人",
    "顾客",
    "***",
    "匿名会员",
)
_FILLERS = ("13800138000", "13888888888", "11111111111", "13000000000", "12345678901", "10086", "19999999999")


class _Lives:
    """What is true of every person: names, families, homes, numbers and when they had them."""

    def __init__(self, recipe: Recipe, words: Words) -> None:
        self.rng, draw = random.Random(recipe.seed * 11 + 5), np.random.default_rng([recipe.seed, 73])
        self.count = count = max(2, round(recipe.records * (1 - DUPLICATE_SHARE)))
        self.female = draw.random(count) < 0.6
        weights = np.array(words.surname_weights) / sum(words.surname_weights)
        self.surname: list[str] = [words.surnames[at] for at in draw.choice(len(weights), count, p=weights).tolist()]
        self.given = self._given(draw, words)
        sizes = draw.choice([1, 2, 3, 4], count, p=[0.62, 0.22, 0.12, 0.04])
        self.home = np.repeat(np.arange(count), sizes)[:count]
        self.first = np.searchsorted(self.home, self.home)  # the first of each home
        self.born = [_FIRST_BIRTH + timedelta(days=day) for day in draw.integers(0, 365 * 58, count).tolist()]
        self.store = draw.integers(1, _STORES + 1, count)
        self.leases, self.cards = self._leases(), [[self.card()] for _ in range(count)]
        for person in range(count):
            self._shared(person)

    def _given(self, draw: np.random.Generator, words: Words) -> list[str]:
        given = [""] * self.count
        for sex in (0, 1):
            rows = np.flatnonzero(self.female == (sex == 0))
            odds = np.array(words.given_weights[sex]) / sum(words.given_weights[sex])
            pairs, short = draw.choice(len(odds), (len(rows), 2), p=odds), draw.random(len(rows)) < 0.13
            for row, (one, two), is_short in zip(rows.tolist(), pairs.tolist(), short.tolist(), strict=True):
                given[row] = words.given[sex][one] + ("" if is_short else words.given[sex][two])
        return given

    def number(self) -> str:
        return self.rng.choice(_PREFIXES) + f"{self.rng.randrange(10**8):08d}"

    def card(self) -> str:
        return f"8{self.rng.randrange(10**9):09d}"

    def _leases(self) -> list[list[tuple[int, str]]]:
        """Return the numbers of each person with the first day of each; some were somebody else's before."""
        rng, freed = self.rng, list[tuple[str, int]]()
        leases: list[list[tuple[int, str]]] = [[] for _ in range(self.count)]
        for person in rng.sample(range(self.count), self.count):
            number = self.number()
            if freed and rng.random() < 0.025:
                used, ended = freed.pop(rng.randrange(len(freed)))
                begun = min(_DAYS - 1, ended + 90 + rng.randrange(200))
                leases[person] = [(0, number), (begun, used)] if begun > 200 else [(begun, used)]
                continue
            leases[person] = [(0, number)]
            if rng.random() < 0.09:
                day = rng.randrange(60, _DAYS)
                leases[person].append((day, self.number()))
                freed.append((number, day))
        return leases

    def _shared(self, person: int) -> None:
        """Children bear the family's name; a family may share a number or a card; some cards are replaced."""
        rng, first = self.rng, int(self.first[person])
        if person - first >= 2 and rng.random() < 0.9:
            self.surname[person] = self.surname[first]
        if person != first and rng.random() < 0.3:
            self.leases[person] = self.leases[first]
        if rng.random() < 0.07:
            self.cards[person] = [*self.cards[person], self.card()]
        if person != first and rng.random() < 0.04:
            self.cards[person] = self.cards[first]


class _Systems:
    """Writes what four careless systems know of a person on a day."""

    def __init__(self, recipe: Recipe, words: Words, lives: _Lives) -> None:
        self.lives, self.dirt, self.rng = lives, recipe.dirt, random.Random(recipe.seed * 13 + 7)
        self.alike, self.sound = homophones(words)
        hubs = max(3, recipe.records // 3_000) if recipe.hubs is None else recipe.hubs
        self.shops = [lives.number() for _ in range(hubs)]
        self.public = [lives.card() for _ in range(max(1, hubs // 10))]

    def happens(self, share: float) -> bool:
        return self.rng.random() < share * self.dirt

    def record(self, person: int, source: str) -> tuple[str | None, ...]:
        rng = self.rng
        known = {field: rng.random() < share for field, share in zip(_FIELDS, _FILLED[source], strict=True)}
        if not any(known[field] for field in ("phone", "card", "openid", "unionid", "email")):
            known["phone"] = rng.random() < 0.75
        day = rng.randrange(_DAYS)
        store = int(self.lives.store[person]) if rng.random() < 0.75 else rng.randrange(1, _STORES + 1)
        made: dict[str, Callable[[], str]] = {
            "name": lambda: self.name(person), "phone": lambda: self.phone(person, day), "card": lambda: self.card(person),
            "openid": lambda: _token(person, 1 + rng.choice(_APPS[source])), "unionid": lambda: _token(person, 9),
            "email": lambda: self.email(person), "gender": lambda: self.gender(person), "birthday": lambda: self.birthday(person),
            "address": lambda: self.address(person), "store": lambda: f"{store:03d}",
        }  # fmt: skip
        moment = _FIRST_DAY + timedelta(days=day, seconds=rng.randrange(86_400))
        return (*(made[field]() if known[field] else self._empty(field) for field in _FIELDS), str(moment))

    def _empty(self, field: str) -> str | None:
        if field in ("openid", "unionid", "gender", "store") or not self.happens(0.06):
            return None
        return self.rng.choice(("", "-", "NULL", "无", "N/A", " "))

    def name(self, person: int) -> str:
        rng, family, given = self.rng, self.lives.surname[person], self.lives.given[person]
        female = bool(self.lives.female[person])
        titles = ("女士", "小姐", "姐", "阿姨", "老师", "总", "太太") if female else ("先生", "哥", "总", "老师", "师傅", "老板")
        draw = rng.random() / self.dirt if self.dirt else 1.0
        forms: tuple[tuple[float, Callable[[], str]], ...] = (
            (0.05, lambda: family + rng.choice(titles)),
            (0.04, lambda: family + "".join(rng.choice(self.alike.get(sign, (sign,))) for sign in given)),
            (0.03, lambda: self._spelled(family, given)),
            (0.04, lambda: self._masked(family, given)),
            (0.03, lambda: rng.choice(_NICKNAMES)),
            (0.02, lambda: rng.choice((f"小{family}", f"阿{given[-1]}", given[-1] * 2, f"老{family}", given))),
            (0.012, lambda: given + family),
            (0.012, lambda: family + given[:1]),
            (0.012, lambda: family + given[::-1]),
            (0.025, lambda: rng.choice(_NOBODY)),
            (0.07, lambda: self._decorated(family, given, titles[0])),
        )  # fmt: skip
        for share, form in forms:
            if draw < share:
                return form()
            draw -= share
        return family + given

    def _spelled(self, family: str, given: str) -> str:
        one, two = ("".join(self.sound.get(sign, "") for sign in part) for part in (family, given))
        return self.rng.choice((f"{one} {two}", f"{one.title()} {two.title()}", f"{two.title()} {one.title()}", one + two))

    def _masked(self, family: str, given: str) -> str:
        return self.rng.choice((
            family + "*" * len(given), "*" * len(family) + given, f"{family}*{given[1:]}", f"{family}某", f"{family}某某",
            f"*{given[-1]}", f"{family}××",
        ))  # fmt: skip

    def _decorated(self, family: str, given: str, title: str) -> str:
        name = family + given
        return self.rng.choice((
            f"{family} {given}", f"{name}(VIP)", f"{name}【老客】", f"VIP{name}", f"{name}{self.rng.randrange(1, 99)}",
            f"{name}❤", f"{family}·{given}", f"A{name}", f"{name}{title}", f"新会员{name}", f"{name}-店", f"老客户 {name}",
            f"{name}（代购）", f"『{name}』", f"{name}~", f"客户{name}",
        ))  # fmt: skip

    def phone(self, person: int, day: int) -> str:
        rng, leases = self.rng, self.lives.leases[person]
        if self.happens(0.006):
            return rng.choice(self.shops)
        if self.happens(0.007):
            return rng.choice(_FILLERS)
        if self.happens(0.008):
            return rng.choice(("010-", "0311-", "(029)", "024")) + str(rng.randrange(10**7, 10**8))
        number = next((held for begun, held in reversed(leases) if begun <= day), leases[0][1])
        if len(leases) > 1 and rng.random() < 0.1:
            number = leases[0][1]  # nobody told the system of the new one
        if self.happens(0.02):
            number = self._slip(number)
        if self.happens(0.035):
            return rng.choice((f"{number[:3]}****{number[-4:]}", f"{number[:3]}xxxx{number[-4:]}"))
        if not self.happens(0.3):
            return number
        groups = f"{number[:3]} {number[3:7]} {number[7:]}"
        return rng.choice((
            f"+86{number}", f"+86 {groups}", f"86-{number}", groups.replace(" ", "-"), groups, groups.replace(" ", "."),
            f" {number}", "".join(chr(ord(figure) + 0xFEE0) for figure in number), f"{number}.0", f"0086 {number}",
            f"(+86){number}", f"{number}\t", f"'{number}", f"tel:{number}", f"{number}（女）",
        ))  # fmt: skip

    def _slip(self, number: str) -> str:
        at, draw = self.rng.randrange(3, 10), self.rng.random()
        if draw < 0.5:
            return number[:at] + str(self.rng.randrange(10)) + number[at + 1 :]
        if draw < 0.8:
            return number[:at] + number[at + 1] + number[at] + number[at + 2 :]
        return number[:at] + number[at + 1 :] if draw < 0.9 else number[:at] + number[at] + number[at:]

    def card(self, person: int) -> str:
        rng = self.rng
        if self.happens(0.012):
            return rng.choice(self.public)
        card = rng.choice(self.lives.cards[person])
        if self.happens(0.012):
            at = rng.randrange(2, 9)
            card = card[:at] + str(rng.randrange(10)) + card[at + 1 :]
        if self.happens(0.025):
            return rng.choice((f"{card[:2]}****{card[-4:]}", f"******{card[-4:]}"))
        if not self.happens(0.12):
            return card
        return rng.choice((
            f" {card}", f"{card[:3]} {card[3:6]} {card[6:]}", f"{card[:5]}-{card[5:]}", f"NO.{card}", f"卡{card}", f"00{card}",
            f"{card}.0", card.replace("0", "O"),
        ))  # fmt: skip

    def email(self, person: int) -> str:
        own, rng = random.Random(person * 17 + 3), self.rng
        box = str(own.randrange(10**7, 10**10)) if own.random() < 0.5 else _token(person, 21)[1:9].lower()
        mail = f"{box}@{'qq.com' if box.isdecimal() else own.choice(_MAIL)}"
        if self.happens(0.03):
            mail = rng.choice(
                (mail.replace(".com", ".con"), mail[:-1], mail.replace("@", "@@"), mail.replace("@", " @ "), mail[1:])
            )
        if self.happens(0.02):
            mail = rng.choice(("test@test.com", "123@qq.com", "no@no.com", "无"))
        return mail.upper() if self.happens(0.06) else mail

    def gender(self, person: int) -> str:
        if self.happens(0.03):
            return self.rng.choice(("未知", "0", "保密", "U"))
        female = bool(self.lives.female[person]) != self.happens(0.012)
        return self.rng.choice(("女", "F", "female", "2", "女性", "f") if female else ("男", "M", "male", "1", "男性", "m"))

    def birthday(self, person: int) -> str:
        rng = self.rng
        if self.happens(0.05):
            return rng.choice(("1900-01-01", "1970-01-01", "1990-01-01", "0000-00-00", "1980-01-01", "1999-09-09"))
        born, mark = self.lives.born[person], ""
        if self.happens(0.04):
            born, mark = born - timedelta(days=rng.randrange(18, 50)), rng.choice(("", "", "农历", "阴历"))
        year, month, day = born.year, born.month, born.day
        if self.happens(0.015) and day <= 12:
            month, day = day, month
        if self.happens(0.02):
            year += rng.choice((-1, 1, 10, -10))
        if self.happens(0.01):
            day = rng.randrange(1, 29)
        if not self.happens(0.35):
            return f"{mark}{year}-{month:02d}-{day:02d}"
        return mark + rng.choice((
            f"{year}/{month:02d}/{day:02d}", f"{year}{month:02d}{day:02d}", f"{year}年{month}月{day}日", f"{year}.{month}.{day}",
            f"{month:02d}-{day:02d}", f"{month}月{day}日", f"{year}-{month:02d}", f"{year}-{month:02d}-{day:02d}T00:00:00",
            f"{year % 100:02d}{month:02d}{day:02d}", f"{day:02d}/{month:02d}/{year}", str(year),
        ))  # fmt: skip

    def address(self, person: int) -> str:
        rng, home = self.rng, int(self.lives.home[person])
        if self.happens(0.015):
            return rng.choice(("门店自提", "自提", "到店取", "无", "同上", "公司"))
        if self.happens(0.07):
            home = 10**7 + person * 3 + rng.randrange(2)  # moved
        own = random.Random(home * 13 + 1)
        province, city, districts = own.choice(_CITIES)
        district, road, number, estate = own.choice(districts), own.choice(_ROADS), own.randrange(1, 600), own.choice(_ESTATES)
        block, unit, room = own.randrange(1, 30), own.randrange(1, 6), own.randrange(1, 33) * 100 + own.randrange(1, 5)
        if self.happens(0.08):
            return rng.choice((f"{province}{city}{district}", f"{city or province}{district}{road}", district + road))
        if self.happens(0.12):
            return rng.choice((f"{province}{city}{district}{road}{number}号", f"{district}{road}{number}号{estate}"))
        heads = (province + city + district, province + city + district, city + district, district, "")
        rooms = (f"{block}号楼{unit}单元{room}室", f"{block}栋{unit}单元{room}", f"{block}幢{room}室", f"{block}-{unit}-{room}")
        text = f"{rng.choice(heads)}{road}{number}号{estate}{rng.choice(rooms)}"
        return "".join(chr(ord(sign) + 0xFEE0) if sign.isdigit() else sign for sign in text) if self.happens(0.05) else text


def _token(person: int, salt: int) -> str:
    """Return 28 signs that belong to this person and this salt."""
    own = random.Random(person * 64 + salt)
    return f"o{salt % 10}" + "".join(own.choices(_ALPHABET, k=26))


def record_chunks(
    recipe: Recipe, words: Words | None = None, *, chunk: int = 100_000
) -> Iterator[tuple[str, pa.Table, pa.Table]]:
    """Yield (source, records, truth) in pieces, as `demo.identities.record_chunks`; the surplus falls on few people."""
    words = common_words() if words is None else words
    lives = _Lives(recipe, words)
    draw = np.random.default_rng([recipe.seed, 74])
    busy = draw.gamma(0.32, 1, lives.count)
    extra = recipe.records - lives.count
    person = np.concatenate([np.arange(lives.count), draw.choice(lives.count, extra, p=busy / busy.sum())])
    source = draw.choice(len(SOURCES), recipe.records, p=_SHARES)
    order = draw.permutation(recipe.records)
    person, source = person[order], source[order]
    systems = _Systems(recipe, words, lives)
    for code, name in enumerate(SOURCES):
        rows = np.flatnonzero(source == code)
        for low in range(0, len(rows), chunk):
            part: Sequence[int] = person[rows[low : low + chunk]].tolist()
            ids = [f"{name}-{low + at:09d}" for at in range(len(part))]
            made = [systems.record(one, name) for one in part]
            columns = [ids, *(list(column) for column in zip(*made, strict=True))]
            table = pa.table([pa.array(column, pa.string()) for column in columns], names=list(COLUMNS))
            yield name, table, pa.table({"record_id": pa.array(ids, pa.string()), "person_id": pa.array(part, pa.int64())})
