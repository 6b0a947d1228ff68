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
又大又 又香又 又脆又 又快又 吃光 吃完了 抢着吃 都说好 都夸 主动 帮我 帮忙 替我 送到家 送到楼上 送上门 搬上楼 提前到
提前送 早到 准点 按时 当天就 次日达 第二天就 隔天就 分钟就 马上就 立刻 立马 秒回 讲解 指导 提醒我 补发了 秒退 退得快
全额退 退款快 免费 赠送 送了 多送 小礼物 赠品 包装严实 完好 没有破损 无破损 没坏 没压坏 还是冰的 保鲜 当季 现摘 现做
热乎 鲜嫩 软糯 入味 香浓 醇厚 浓郁 下饭 开胃 解渴 解馋 爽口 筋道 肉多 个头大 个大 分量足 份量足 量足 量大 足斤 足秤 够秤
省钱 省了 省下 降价 买一送一 停车方便 离家近 好找 整齐 明亮 有序 不用排队 没排队 不用等 结账快 照顾 关心 体贴 微笑 笑脸
笑眯眯 和气 客气 和善 尽心 尽责 有问必答 解决了 搞定 处理好 修好了 换了新 换新 无理由 顺利 见效 改善 有效 管用 变好 舒缓
暖和 保暖 透气 吸汗 轻薄 轻巧 小巧 好操作 易懂 简单易 一看就会 安装快 装好了 静音 没声音 声音小 制冷快 加热快 恒温 耐摔
反应快 运行快 开机快 不卡 不发热 不发烫 不烫 不卡顿 性能好 手感 做工好 做工精 版型好 质感 厚实 尺码准 不褪色 不缩水
不变形 没色差 无色差 没有色差 百搭 显白 修身 上档次 高档 大气 回头客 老顾客 常来 常客 经常买 经常来 一直买 一直在买
又买了 又来 复购 囤 安利 不亏 不后悔 没失望 不失望 没让人失望 超出预期 超预期 比想象的好 比想象中好 惊艳 幸福 快乐 舒心
暖心 暖暖 好书 佳作 力作 文笔好 引人入胜 欲罢不能 一气呵成 手不释卷 获益 收获 学到 学会 长知识 开阔 深入浅出 浅显易懂
装帧 值得一读 值得收藏 珍藏
就到了 就送到 就收到 就发货 就来了 就解决 就修好 就退了 就办好 就回复 就装好 就换好 和描述一样 跟描述一样 与描述一致
和描述一致 和图片一样 跟图片一样 和新的一样 跟新的一样 记得我 认得我 教我 教会 陪我 送我 当场退 当场换 上门 专门 特意
特地 亲自 细致 详细 清楚 明白 一目了然 井井有条 宾至如归 焕然一新 回味 意犹未尽 赞不绝口 称赞 没得说 没话说 无可挑剔
不马虎 不含糊 用心 诚信 公道 合理 透明 信得过 顺心 顺手 称手 刚好 正好 恰到好处 适中 足够 不差 不坏 不错过 真香 飞快
神速 一级棒 顶呱呱 好得很 再买
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
半天没 等半天 等好久 一直没 还没 至今 迟到 晚到 延误 耽误 误事 没货 缺货 断货 无货 找不到 找不着 没有人 无人 打不通
没人接 不接电话 挂电话 不回 没回 推来推去 踢皮球 互相推 不管 不肯 不给 不让 拒绝 不承认 不认账 抵赖 狡辩 骂 凶 吼 甩脸
脸色 不耐烦 爱搭不理 白眼 嘲讽 讽刺 歧视 看不起 插队 乱糟糟 拥挤 吵闹 嘈杂 闷热 昏暗 蟑螂 老鼠 苍蝇 虫子 小虫 生虫
头发丝 异物 发黄 发黑 发霉 发软 发蔫 蔫 烂叶 化了 融化 解冻 变质 变味 酸了 馊 没熟 不熟 夹生 太咸 太淡 太甜 太油 油腻
咬不动 嚼不动 干巴 发柴 没水分 不好吃 不香 缺斤 短两 不够秤 少给 少送 少了 分量少 量少 变少 涨价 提价 更贵 价签 对不上
多扣 重复扣 扣了 扣钱 乱收费 没退 不退 退不了 退款慢 没到账 不到账 未到账 不换 换不了 用不上 无法 失效 作废 套路 虚标
夸大 夸张 以次充好 翻新 二手 拆封 拆过 用过的 凹 瘪 压坏 压扁 压烂 摔坏 磨损 开裂 裂开 裂纹 掉漆 脱落 掉了 松动 不亮
不转 不响 不制冷 不热 漏水 漏电 漏气 漏油 生锈 锈 短路 跳闸 自动关机 闪退 卡顿 反应慢 迟钝 失灵 连不上 断网 充不进
不充电 掉电 耗电 模糊 不清楚 看不清 偏色 色差 变形 变色 起皮 起皱 开线 脱线 勾丝 破洞 扎人 刺痒 红肿 起疹 长痘 干涩 打结
不起泡 呛 味道大 味大 塑料味 胶水味 汽油味 药味 肚子疼 腹泻 呕吐 不适 头疼 烦人 烦躁 火大 气死 气人 糟心 闹心 无奈 遗憾
可惜 尴尬 委屈 吃亏 白跑 跑了两趟 白等 白花 冤枉钱 再也不 不来了 最后一次 拉黑 避雷 踩雷 慎买 劝退 别来 三无 没标签
没说明 看不懂 难懂 晦涩 冗长 拖沓 流水账 抄袭 拼凑 错误 漏洞 字太小 纸薄 胡编 胡说 空话 废话 无味 平淡 平庸 老套 没意思
没劲 名不副实 言过其实
才到 才送 才收到 才发 才来 才解决 才退 才回 才接 才有人 才给 根本 居然 竟然 凭什么 什么玩意 怎么回事 明明 说好的 说好了
尽快 赶紧 到底 结果却 只好 不得不 硬说 非说 反而 大不如前 不如 比不上 没法 没办法 没给 没换 没修 没处理 没装 没通知 没写
没标 没说 不来 不见了 丢了 弄丢 弄错 弄坏 搞错 算错 记错 送错 拿错 装错 写错 错了 改口 反悔 说话不算 顶嘴 大声 赶人 推销
强行 硬推 捆绑 不营业 积灰 受潮 湿了 洒了 撒了 倒了 不明白 不合理 不透明 不详细 不公道 不用心 用不到 没人管 没人理
没下文 石沉大海 不了了之 一拖再拖 拖了 拖延 出尔反尔 自相矛盾 莫名其妙 不知道为什么 不讲理 不客气 强硬 蛮横 不负责
不上心 不热情 摆脸
""")
NOT = ("不是", "没有", "并不", "不太", "不够", "不", "没", "无", "未", "别", "非", "毫无", "称不上", "谈不上")
_REACH = 3  # characters before a word in which a negation turns it round, at most one of them between the two
_TURN = re.compile("但是|但|可是|不过|然而|就是")
_TURNED = 2.0  # what follows a turn counts double
_WORD = re.compile("|".join(sorted({re.escape(word) for word in GOOD + BAD}, key=lambda word: (-len(word), word))))
_GOOD = frozenset(GOOD)
_NOT_BEFORE = re.compile("(?:" + "|".join(NOT) + ")[^，。,.!?；;、 ]?$")
_SIDE = 1.0  # a word of doubt on either side


def word_scores(texts: Sequence[str]) -> npt.NDArray[np.float64]:
    """Return -1..1 per text: (good - bad) / (good + bad + 1) of the words found; NaN where there is none."""
    return np.array([_score(words_said(text)) for text in texts], dtype=np.float64)


def words_said(text: str) -> list[Piece]:
    """
    Return the words of the list in a text, in order; the longest word counts where several fit.

    A negation in the three characters before turns a word round, with one other between at most; what follows the last 但是 (但,
    不过 ...) counts double.
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
