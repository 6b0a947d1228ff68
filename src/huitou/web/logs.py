"""
Log lines as JSON, without personal data.

What a line may hold is listed; numbers that could be a phone, a card or an identity number and e-mail addresses are taken out
of every text. Of an exception the kind and the places in our code are kept, never its message: it may quote a value.
"""

import json
import logging
import re
import traceback
from datetime import UTC, datetime

FIELDS = ("route", "method", "status", "ms", "user_id", "job", "job_id", "source_code")  # of `extra`
_PERSONAL = re.compile(
    r"(?<![0-9])(?:\+?86[- ]?)?1[3-9][0-9](?:[- ]?[0-9]{4}){2}(?![0-9])"  # mobile phones
    r"|(?<![0-9])[0-9]{10,19}[0-9Xx]?(?![0-9])"  # cards, identity numbers
    r"|[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+"  # e-mail
    r"|(?<![0-9])0[0-9]{2,3}-[0-9]{7,8}(?![0-9])"  # landlines
)
_QUERY = re.compile(r"\?[^\s\"']*")
MASK = "***"
_PLACES = 8


def without_personal(text: str) -> str:
    """Return a text without what looks like a phone, a card, an identity number, an e-mail address or a query string."""
    return _PERSONAL.sub(MASK, _QUERY.sub("?", text))


def places(error: BaseException) -> str:
    """Return what an exception is and the last places it came through, without its message."""
    frames = traceback.extract_tb(error.__traceback__)[-_PLACES:]
    return "\n".join([type(error).__name__, *(f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames)])


class JsonLines(logging.Formatter):
    """One JSON object per line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record. The arguments of third parties' messages are left out: they may be values."""
        is_ours = record.name.split(".")[0] == "huitou"
        message = record.getMessage() if is_ours else str(record.msg).replace("%s", "…")
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": without_personal(message),
        }
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])[-_PLACES:]
            line["where"] = [f"{frame.filename}:{frame.lineno}" for frame in frames]
        return json.dumps(line, ensure_ascii=False, default=str)
