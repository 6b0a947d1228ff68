"""
Chinese personal names: tidying, what counts as a full name, comparison by pinyin, search forms.

Two names are compared by the pinyin of their characters, so that homophones typed by a cashier (张伟, 章伟; traditional 張偉)
do not make two persons. A character with several readings always gets the same one, which is all that a comparison needs.
"""

import re
import unicodedata
from functools import lru_cache

from pypinyin import lazy_pinyin

COMPOUND_SURNAMES = frozenset(
    (
        "欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "司徒", "令狐", "长孙", "宇文", "夏侯", "轩辕",
        "南宫", "独孤", "端木", "百里", "东郭", "闻人", "申屠", "呼延", "澹台", "公冶", "太史", "钟离", "司空",
        "歐陽", "司馬", "諸葛", "東方", "尉遲", "公孫", "長孫", "軒轅", "獨孤", "東郭", "聞人", "鍾離",
    )
)  # fmt: skip
SURNAMES = frozenset(
    "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏蒋田杜丁沈姜范江傅钟卢汪戴崔任陆廖姚方金邱夏谭韦贾邹石熊孟秦"
    "阎薛侯雷白龙段郝孔邵史毛常万顾赖武康贺严尹钱施牛洪龚汤陶黎温莫易樊乔文安殷颜庄章鲁倪庞邢俞翟蓝聂齐向申葛柴伍覃骆关焦柳欧祝纪尚毕耿芦左季管符辛苗詹"
    "曲欧靳祁路涂兰甘裴梅童翁霍游阮尤岳柯牟滕谷舒卜成饶宁凌盛查单冉鲍华包屈房喻解蒲卫简时连车项闵邬吉党阳司费蒙席晏隋古强穆姬占米麦巩郎农商应全仇丘佟"
    "肖闫代付邸胥桑苟边卞戚宗宣贲邓郁杭诸甄曲封芮储井巫乌焦巴弓隗山谷宓蓬郗班仰秋仲伊宫栾暴钭厉戎祖束景詹幸韶郜黎蓟薄印宿怀邰从鄂索咸籍卓蔺屠池胡苍双"
    "莘翟谭贡劳逄姬冉桂濮寿通扈燕冀郏浦农别晏瞿充慕茹习宦艾鱼容慎戈庾终暨居衡步都满弘匡国寇广禄阙东殴沃利蔚越夔隆师厍晁勾敖融冷訾阚那空毋沙乜养鞠须丰"
    "巢蒯相后荆红游竺权逯盖益桓公展苑揭嵇邝塔展麻初区卿褚芦原修矫尧闪门官迟仝帅冼鄢谌邴"
    "柏窦云奚昌酆廉岑乐皮元湛禹狄贝臧计伏谈茅娄危刁虞支昝裘缪钮滑荀於惠麴羿汲糜牧阴扶堵宰郦雍郤璩殳佘谯仵候豆户盘银年腾斯律亓郄敬玄"
    "張劉陳楊黃趙吳孫馬鄭羅謝許鄧蕭馮呂蔣葉盧陸賈鄒熊閻"
    "韓蘇錢湯龍萬賴賀嚴龔魯齊畢關駱歐紀顧譚鍾龐顏莊聶嶽邊婁鮑塗蘭應農費閔車連喬鄔鄺簡單葉溫湯鐘衛談巫瞿黨滿豐"
)
HONORIFICS = (
    "先生", "女士", "小姐", "太太", "老师", "阿姨", "叔叔", "师傅", "经理", "同学", "大姐", "大哥", "老板",
    "店长", "主任", "医生", "教授", "会计", "夫人", "大叔", "大爷", "大妈", "奶奶", "爷爷", "总",
)  # fmt: skip
SHORT_TITLES = ("姐", "哥", "叔", "姨", "婶", "嫂", "爷", "伯", "董", "工")  # behind a surname only: 王姐
TITLE_GENDERS = {  # 1 male, 2 female
    "先生": 1, "叔叔": 1, "大哥": 1, "大叔": 1, "大爷": 1, "爷爷": 1, "哥": 1, "叔": 1, "爷": 1, "伯": 1,
    "女士": 2, "小姐": 2, "太太": 2, "阿姨": 2, "大姐": 2, "夫人": 2, "大妈": 2, "奶奶": 2, "姐": 2, "姨": 2, "婶": 2, "嫂": 2,
}  # fmt: skip
PLACEHOLDERS = frozenset(
    (
        "测试", "test", "匿名", "匿名用户", "匿名顾客", "无名", "无名氏", "顾客", "客户", "会员", "散客", "游客", "用户",
        "微信用户", "微信", "新会员", "新用户", "普通会员", "未知", "不详", "无", "暂无", "空", "null", "none", "nan", "na",
        "先生", "女士", "小姐", "收银", "临时", "临时卡", "公用", "公用卡", "默认",
        "手机用户", "注册用户", "匿名会员", "临时会员", "会员用户", "普通用户", "普通顾客",
        "路人", "路人甲", "未填", "未填写", "保密", "没有", "不知道",
        "收银员", "店员", "员工", "门店", "本店", "内部", "示例", "体验", "同上", "xx", "xxx", "abc", "aaa",
        "admin", "user", "guest",
        "unknown", "anonymous", "customer", "vip", "wx", "wxid", "姓名",
    )
)  # fmt: skip
_BRACKETED = re.compile(r"[(\[{<【「『《][^)\]}>】」』》]*[)\]}>】」』》]")
_TAGS = re.compile(r"^(?:VIP|SVIP|会员|贵宾|A+|新|老)[\s\-_:.·]*(?=[一-鿿])|(?:VIP|SVIP|贵宾)$", re.IGNORECASE)
_KEPT = re.compile(r"[^A-Za-z一-鿿㐀-䶿·*＊○某 ]")
_HAN = re.compile(r"[一-鿿㐀-䶿]+")
_MASK = re.compile(r"[*＊○某]")
SURNAME_READINGS = {
    "单": "shan", "曾": "zeng", "仇": "qiu", "解": "xie", "查": "zha", "任": "ren", "华": "hua", "区": "ou", "盖": "ge",
    "尉迟": "yu chi", "翟": "zhai", "覃": "qin", "朴": "piao", "乐": "yue", "逄": "pang", "缪": "miao",
}  # fmt: skip


def tidy(text: str | None) -> str:
    """Return a name half-width, without brackets, digits, emoji and doubled spaces; "" for nothing."""
    if text is None:
        return ""
    if _HAN.fullmatch(text):
        return text
    plain = _BRACKETED.sub("", unicodedata.normalize("NFKC", text))
    plain = _KEPT.sub("", plain).replace("·", "")
    if _HAN.search(plain):
        return plain.replace(" ", "")
    return re.sub(r"\s+", " ", plain).strip()


def _bare(name: str) -> str:
    """Take one layer of tags and one honorific off; a name that is nothing else stays."""
    plain = _TAGS.sub("", name)
    if plain.endswith(HONORIFICS) and _HAN.search(plain):
        word = next(word for word in HONORIFICS if plain.endswith(word))
        plain = plain[: -len(word)]
    return plain.strip() or name


def name_core(text: str | None) -> str | None:
    """Return the name without tags and honorific ("VIP王先生" gives "王"); None for a placeholder or one with mask signs."""
    plain = tidy(text)
    while (bare := _bare(plain)) != plain and plain.lower() not in PLACEHOLDERS:
        plain = bare
    return None if not plain or plain.lower() in PLACEHOLDERS or _MASK.search(plain) else plain


def surname(name: str) -> str | None:
    """Return the family name of a Chinese name ("欧阳" of 欧阳娜娜, "王" of 王芳), None for what does not start with one."""
    if name[:2] in COMPOUND_SURNAMES:
        return name[:2]
    return name[0] if name and name[0] in SURNAMES else None


def is_full_name(name: str | None) -> bool:
    """Is it a whole Chinese name: a family name and one or two more characters? Nicknames and Latin letters are not."""
    if name is None or not _HAN.fullmatch(name):
        return False
    family = surname(name)
    return family is not None and 1 <= len(name) - len(family) <= 2


@lru_cache(maxsize=32_768)
def _syllable(char: str) -> str:
    return str(lazy_pinyin(char)[0]).lower()


def pinyin_key(name: str) -> str:
    """Return the syllables of a name joined by a blank ("wang xiao fang"); equal for homophones. Latin names in lower case."""
    if not _HAN.search(name):
        return name.lower()
    family = surname(name) or ""
    read = SURNAME_READINGS.get(family)
    head = [read] if read else [_syllable(char) for char in family]
    return " ".join(head + [_syllable(char) for char in name[len(family) :]])


def initials(name: str) -> str:
    """Return the first letters of the syllables or words, lower case ("wxf")."""
    return "".join(part[0] for part in pinyin_key(name).split() if part)


def keys_differ(left: str, right: str) -> bool:
    """Are two pinyin keys of full names those of different names? A cut-off given name ("wang xiao") is not different."""
    if left == right:
        return False
    one, two = left.split(), right.split()
    shorter = min(len(one), len(two))
    return one[:shorter] != two[:shorter]
