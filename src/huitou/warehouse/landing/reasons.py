"""Why a row is refused: stored codes and the sentence that goes into the quarantine beside the raw row."""

from collections.abc import Mapping
from enum import StrEnum


class Reason(StrEnum):
    """The stored code; labels may change, codes never do."""

    MISSING = "missing"
    UNKNOWN_CODE = "unknown_code"
    UNREADABLE_NUMBER = "unreadable_number"
    TOO_MANY_DECIMALS = "too_many_decimals"
    OUT_OF_RANGE = "out_of_range"
    TOO_LONG = "too_long"
    UNREADABLE_MOMENT = "unreadable_moment"
    UNREADABLE_DAY = "unreadable_day"
    IMPOSSIBLE_DATE = "impossible_date"
    IN_FUTURE = "in_future"
    TOO_OLD = "too_old"
    UNREADABLE_FLAG = "unreadable_flag"
    WRONG_SIGN = "wrong_sign"
    MISSING_ORIGINAL = "missing_original"
    SELF_REFERENCE = "self_reference"
    INCONSISTENT_ORDER = "inconsistent_order"
    ORDER_REFUSED = "order_refused"
    CONFLICT = "conflict"
    WRONG_COLUMNS = "wrong_columns"
    BAD_ENCODING = "bad_encoding"
    MISSING_COLUMN = "missing_column"
    UNREADABLE_PAGE = "unreadable_page"
    OPEN_QUOTE = "open_quote"
    NUL_BYTE = "nul_byte"
    LINE_TOO_LONG = "line_too_long"
    BAD_PHONE = "bad_phone"
    BAD_BIRTHDAY = "bad_birthday"
    NO_KEY = "no_key"


# {column} is the canonical column, or what the row's `column` entry says.
SENTENCES: Mapping[Reason, str] = {
    Reason.MISSING: "必填字段 {column} 为空",
    Reason.UNKNOWN_CODE: "字段 {column} 的代码不在允许的列表中",
    Reason.UNREADABLE_NUMBER: "字段 {column} 不是可读的数字",
    Reason.TOO_MANY_DECIMALS: "字段 {column} 的小数位过多，无法精确换算",
    Reason.OUT_OF_RANGE: "字段 {column} 超出允许的范围",
    Reason.TOO_LONG: "字段 {column} 过长",
    Reason.UNREADABLE_MOMENT: "字段 {column} 不是可读的时间（应为 年-月-日 时:分:秒）",
    Reason.UNREADABLE_DAY: "字段 {column} 不是可读的日期（应为 年-月-日）",
    Reason.IMPOSSIBLE_DATE: "字段 {column} 的日期或时刻不存在",
    Reason.IN_FUTURE: "字段 {column} 的时间在未来",
    Reason.TOO_OLD: "字段 {column} 的时间早于 2000 年",
    Reason.UNREADABLE_FLAG: "字段 {column} 不是可读的是/否",
    Reason.WRONG_SIGN: "字段 {column} 的正负号与单据类型不符",
    Reason.MISSING_ORIGINAL: "退货或作废单缺少原单号 {column}",
    Reason.SELF_REFERENCE: "退货或作废单的 {column} 指向自身",
    Reason.INCONSISTENT_ORDER: "同一单号的各行在表头字段上不一致（{column}）",
    Reason.ORDER_REFUSED: "同一单据的另一行有误（{column}），整单隔离",
    Reason.CONFLICT: "主键已存在但内容不同（{column}）",
    Reason.WRONG_COLUMNS: "列数与表头不符",
    Reason.BAD_ENCODING: "含有无法解码的字节",
    Reason.MISSING_COLUMN: "文件缺少列 {column}",
    Reason.UNREADABLE_PAGE: "整页无法解析：{column}",
    Reason.OPEN_QUOTE: "引号没有成对",
    Reason.NUL_BYTE: "含有空字节（NUL）",
    Reason.LINE_TOO_LONG: "一行超过 128 KB",
    Reason.BAD_PHONE: "{column} 不是有效的手机号或座机号",
    Reason.BAD_BIRTHDAY: "{column} 不存在或晚于今天",
    Reason.NO_KEY: "{column} 都为空，无法认出是哪一位客户",
}
