"""
Synthetic Chinese identities: names by common frequency, phones that belong to nobody, cards, addresses.

The surname shares are rounded public facts; everything drawn from them is invented. Phones use the prefix 154, no segment of
which is given to a carrier (a test checks every number against the numbering data).
"""

import numpy as np

SURNAMES = (
    ("王", 71), ("李", 70), ("张", 66), ("刘", 53), ("陈", 47), ("杨", 31), ("赵", 23), ("黄", 22), ("周", 20), ("吴", 20),
    ("徐", 16), ("孙", 15), ("胡", 13), ("朱", 13), ("高", 12), ("林", 12), ("何", 11), ("郭", 11), ("马", 11), ("罗", 10),
    ("梁", 9), ("宋", 8), ("郑", 8), ("谢", 8), ("韩", 7), ("唐", 7), ("冯", 6), ("于", 6), ("董", 6), ("萧", 6),
    ("程", 6), ("曹", 6), ("袁", 6), ("邓", 6), ("许", 5), ("傅", 5), ("沈", 5), ("曾", 5), ("彭", 5), ("吕", 5),
    ("苏", 4), ("卢", 4), ("蒋", 4), ("蔡", 4), ("贾", 4), ("丁", 4), ("魏", 4), ("薛", 4), ("叶", 4), ("阎", 4),
    ("余", 4), ("潘", 4), ("杜", 4), ("戴", 3), ("夏", 3), ("钟", 3), ("汪", 3), ("田", 3), ("任", 3), ("姜", 3),
    ("范", 3), ("方", 3), ("石", 3), ("姚", 3), ("谭", 3), ("廖", 3), ("邹", 3), ("熊", 3), ("金", 3), ("陆", 3),
    ("郝", 2), ("孔", 2), ("白", 2), ("崔", 2), ("康", 2), ("毛", 2), ("邱", 2), ("秦", 2), ("江", 2), ("史", 2),
    ("顾", 2), ("侯", 2), ("邵", 2), ("孟", 2), ("龙", 2), ("万", 2), ("段", 2), ("钱", 2), ("汤", 2), ("欧阳", 1),
)  # fmt: skip
FEMALE_CHARS = "芳娜敏静丽艳娟霞秀燕玲桂英华玉萍红洁梅琳素云莲真环雪荣爱妹香月莺媛瑞凡佳嘉琼勤珍贞莉兰凤妍茜秋珊莎锦黛青倩婷姣婉娴瑾颖露瑶怡婵雁蓓纨仪荷丹蓉眉君琴蕊薇菁梦岚苑婕馨瑗琰韵融园艺咏卿聪澜纯毓悦昭冰爽琬茗羽希宁欣飘育滢馥筠柔竹霭凝晓欢霄枫芸菲寒伊亚宜可姬舒影荔枝思"  # noqa: E501
MALE_CHARS = "伟刚勇毅俊峰强军平保东文辉力明永健世广志义兴良海山仁波宁贵福生龙元全国胜学祥才发武新利清飞彬富顺信子杰涛昌成康星光天达安岩中茂进林有坚和彪博诚先敬震振壮会思群豪心邦承乐绍功松善厚庆磊民友裕河哲江超浩亮政谦亨奇固之轮翰朗伯宏言若鸣朋斌梁栋维启克伦翔旭鹏泽晨辰士以建家致树炎德行时泰盛雄琛钧冠策腾楠榕风航弘"  # noqa: E501
STREETS = (
    "景和路", "春晓街", "长乐路", "学府街", "迎宾路", "丰收街", "朝晖巷", "永安路", "新华弄", "银河街", "柳荫路", "棠梨街",
    "滨河路", "松涛街", "静安里", "荷塘路", "枫林街", "锦绣路", "曙光巷", "望湖路",
)  # fmt: skip
DISTRICTS = ("城东区", "城西区", "城南区", "城北区", "新城区")
PHONE_PREFIX = "154"
_PHONES = 10**8


def draw_names(rng: np.random.Generator, count: int) -> tuple[list[str], list[str]]:
    """Return `count` full names and their sexes ("男", "女"); equal names occur as often as chance makes them."""
    surnames = np.array([name for name, _ in SURNAMES])
    weights = np.array([weight for _, weight in SURNAMES], dtype=float)
    family = surnames[rng.choice(len(surnames), size=count, p=weights / weights.sum())]
    female = rng.random(count) < 0.62
    letters = {True: np.array(list(FEMALE_CHARS)), False: np.array(list(MALE_CHARS))}
    given = np.empty(count, dtype=object)
    for is_female, chars in letters.items():
        rows = np.flatnonzero(female == is_female)
        # A skewed draw: some characters are far commoner than others, so that full names collide.
        first = chars[(rng.beta(1, 2.2, rows.size) * chars.size).astype(int)]
        second = chars[(rng.beta(1, 2.2, rows.size) * chars.size).astype(int)]
        single = rng.random(rows.size) < 0.16
        given[rows] = np.where(single, first, np.char.add(first, second))
    return [f"{left}{right}" for left, right in zip(family, given, strict=True)], np.where(female, "女", "男").tolist()


def draw_phones(rng: np.random.Generator, count: int) -> list[str]:
    """Return `count` different mobile numbers of the prefix that belongs to nobody."""
    numbers = rng.choice(_PHONES // 100, size=count, replace=False) * 100 + rng.integers(0, 100, count)
    return [f"{PHONE_PREFIX}{number:08d}" for number in numbers]


def phone_variant(phone: str, form: int) -> str:
    """Return the number as people type it; `form` picks the way: plain, +86, spaces, dashes, full width, 0086."""
    groups = (phone[:3], phone[3:7], phone[7:])
    forms = (
        phone,
        f"+86 {phone}",
        " ".join(groups),
        "-".join(groups),
        "".join(chr(ord(digit) + 0xFEE0) for digit in phone),
        f"0086{phone}",
        f"+86-{'-'.join(groups)}",
    )
    return forms[form % len(forms)]


def name_variant(name: str, sex: str, form: int) -> str:
    """Return the name as a colleague writes it; `form` picks: plain, spaced, with title, with remark, full-width space."""
    long_surname = name.startswith("欧阳")
    surname = name[:2] if long_surname else name[:1]
    title = "女士" if sex == "女" else "先生"
    forms = (name, f" {name} ", f"{surname}{title}", f"{name}（会员）", f"{surname}　{name[len(surname) :]}")
    return forms[form % len(forms)]


def misspelled_phone(phone: str) -> str:
    """Return the number with its last two different neighbours swapped; all equal: the last digit changed."""
    for place in range(len(phone) - 2, 3, -1):
        if phone[place] != phone[place + 1]:
            return phone[:place] + phone[place + 1] + phone[place] + phone[place + 2 :]
    return phone[:-1] + str((int(phone[-1]) + 1) % 10)
