"""
The built-in word list: what a text says where no model was trained. Words of our own choosing, no outside list.

Weaker than a model (docs/algorithms/sentiment.md has both measured); who has labelled or rated texts should train one.
"""

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from huitou.core.value.text.grams import cleaned
from huitou.core.value.text.pieces import Piece


def _listed(words: str) -> tuple[str, ...]:
    return tuple(words.split())


GOOD = _listed("""
好评 好吃 好喝 好用 好看 好闻 好听 好读 很好 真好 挺好 蛮好 较好 最好的 太好 非常好 不错 满意 喜欢 推荐 值得 划算
实惠 超值 便宜 优惠 新鲜 美味 可口 香甜 清甜 很甜 甜度 多汁 饱满 水分足 脆甜 干净 整洁 卫生 舒适 舒服 安静 温馨 方便
便利 快捷 很快 迅速 及时 准时 耐心 热情 热心 周到 贴心 细心 亲切 友好 礼貌 专业 认真 负责 放心 信赖 信任 可靠 靠谱
正品 精美 精致 精彩 漂亮 大方 时尚 美观 完美 优秀 出色 优质 一流 耐用 结实 牢固 柔软 柔顺 顺滑 清爽 合身 合适 合脚
显瘦 流畅 清晰 灵敏 轻便 省电 安全 到位 惊喜 开心 高兴 愉快 感谢 谢谢 多谢 表扬 点赞 支持 给力 棒 赞 爱不释手
物美价廉 物超所值 性价比高 一如既往 回购 再来 会再 还会买 下次还 继续买 受益 启发 有用 有趣 感动 经典 深刻 通俗易懂
爱看 宽敞 丰盛 齐全 周全 轻松 好极 效果好 服务好 质量好 态度好 速度快 没问题 没有问题 无异味 没毛病 挑不出 实在
名副其实 良心 放心买 强大 稳定 省心 值了 香味 好香 很香 喷香 五星 满分 不贵 不掉色 不起球 很值 很漂亮 很喜欢 很舒服
""")
BAD = _listed("""
差评 很差 太差 极差 较差 真差 差劲 最差 差 糟糕 糟 失望 垃圾 骗 忽悠 欺骗 上当 坑 假货 假的 冒牌 山寨 仿品 坏 烂 破
霉 腐 馊 异味 臭 难闻 刺鼻 怪味 难吃 难喝 难看 难用 酸的 太酸 苦的 涩 干瘪 脏 不干净 污渍 灰尘 破损 漏 碎 断 裂 缺
少了 少配件 少发 漏发 错发 发错 退货 退款 退了 退掉 换货 投诉 维权 举报 赔 后悔 千万别 别买 不要买 不建议 不推荐 不值
不满 不好 不行 不会再 不能用 用不了 不新鲜 不甜 不脆 没味 没用 没有用 没效果 无效 没反应 没人 没解决 没送 没收到 不理
爱理不理 敷衍 推卸 推诿 恶劣 冷淡 粗鲁 生气 气愤 愤怒 无语 郁闷 恶心 可恨 可恶 坑人 伤心 心寒 浪费 贵 太贵 偏贵 慢
太慢 很慢 等了 排队 拖 超时 迟迟 死机 卡 黑屏 花屏 重启 发热 发烫 噪音 吵 故障 毛病 问题 瑕疵 划痕 掉色 褪色 起球
线头 缩水 掉发 出油 头屑 头痒 过敏 过期 到期 太小 太薄 太短 太硬 偏小 粗糙 廉价 简陋 陈旧 老旧 破旧 不符 不一致
不一样 误导 虚假 多收 催 返修 维修 吓人 拉肚子 受不了 无聊 枯燥 空洞 乏味 啰嗦 看不下去 读不下去 不知所云 文笔差 错字
盗版 印刷差 缺页 服务差 质量差 态度差 态度不好 太次 次品 残次 一般般 不咋 不怎么 没什么用 对不起 算了 勉强 凑合 鸡肋
晕 汗 唉 倒霉 死了 小得 骗子 黑心 奸商 失败 扔了 打折扣 不敢 不舒服 不合适 不方便 不值得 不满意 不喜欢 不划算
不专业 不耐心
""")
NOT = ("不是", "没有", "并不", "不太", "不够", "不", "没", "无", "未", "别", "非", "毫无", "称不上", "谈不上")
_REACH = 3  # characters before a word in which a negation turns it round
_TURN = re.compile("但是|但|可是|不过|然而|就是")
_TURNED = 2.0  # what follows a turn counts double
_WORD = re.compile("|".join(sorted({re.escape(word) for word in GOOD + BAD}, key=lambda word: (-len(word), word))))
_GOOD = frozenset(GOOD)
_NOT_BEFORE = re.compile("(?:" + "|".join(NOT) + ")[^，。,.!?；;、 ]{0,2}$")
_SIDE = 1.0  # a word of doubt on either side


def word_scores(texts: Sequence[str]) -> npt.NDArray[np.float64]:
    """Return -1..1 per text: (good - bad) / (good + bad + 1) of the words found; NaN where there is none."""
    return np.array([_score(words_said(text)) for text in texts], dtype=np.float64)


def words_said(text: str) -> list[Piece]:
    """
    Return the words of the list in a text, in order; the longest word counts where several fit.

    A negation up to three characters before turns a word round; what follows the last 但是 (但, 不过 ...) counts double.
    """
    ready = cleaned(text)
    turn = max((found.end() for found in _TURN.finditer(ready)), default=len(ready) + 1)
    said = []
    for found in _WORD.finditer(ready):
        weight = _TURNED if found.start() >= turn else 1.0
        denied = _NOT_BEFORE.search(ready, max(found.start() - _REACH, 0), found.start())
        is_good = (found.group() in _GOOD) != bool(denied)
        start = denied.start() if denied else found.start()
        said.append(Piece(ready[start : found.end()], start, weight if is_good else -weight))
    return said


def _score(said: Sequence[Piece]) -> float:
    total = sum(abs(one.weight) for one in said)
    return sum(one.weight for one in said) / (total + _SIDE) if total else float("nan")
