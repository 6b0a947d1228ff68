"""Cutting files: every line is counted once, a broken one spoils no other, and cutting may begin anywhere."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huitou.connectors.files.lines import LONGEST_LINE, Cutter, Dialect, Line, lines_of

HEADER = ("卡号", "姓名", "备注")
MAPPING = {"member_card": 0, "name": 1}


def cut(text: bytes, *, encoding="utf-8", delimiter=",", rows=100, group=None, mapping=MAPPING):
    cutter = Cutter(Dialect(encoding, delimiter, HEADER), mapping=mapping, constants={"store_code": "S1"}, group_column=group)
    return list(cutter.pages(lines_of([text], number=2), rows=rows))


def rows_of(cuts):
    found = []
    for page in cuts:
        header, *rows = csv.reader(io.StringIO(page.content.decode()))
        assert header == ["_line", "_broken", "=store_code", "member_card", "name", "_unused_2"]
        found += [(int(row[0]), row[1], row[3:]) for row in rows]
    return found


@pytest.mark.parametrize(
    ("case", "line", "broken"),
    [
        ("a sound row", "1,张三,好".encode(), ""),
        ("a column too few", "1,张三".encode(), "wrong_columns"),
        ("a column too many", "1,张三,好,多".encode(), "wrong_columns"),
        ("an open quote", '1,"张三,好'.encode(), "open_quote"),
        ("a quote in the middle", '1,张"三,好'.encode(), "open_quote"),
        ("a NUL", b"1,a\0b,c", "nul_byte"),
        ("bytes of no character", b"1,\xff\xfe,c", "bad_encoding"),
        ("a quoted comma", '1,"张,三",好'.encode(), ""),
        ("a doubled quote", '1,"张""三",好'.encode(), ""),
        ("a formula stays text", b"=1+1,b,c", ""),
        ("a line past the limit", b"1," + b"x" * LONGEST_LINE + b",c", "line_too_long"),
    ],
)
def test_a_line_is_sound_or_refused_alone(case, line, broken):
    found = rows_of(cut(b"\n".join([b"8,a,b", line, b"9,c,d", b""])))
    assert [(number, reason) for number, reason, _ in found] == [(2, ""), (3, broken), (4, "")], case
    assert (found[0][2], found[2][2]) == (["8", "a", "b"], ["9", "c", "d"])


def test_a_quoted_field_may_span_lines_and_rows_keep_their_place_in_the_file():
    found = rows_of(cut(b'1,a,"x\r\ny"\r\n\r\n2,b,c\r\n'))
    assert found == [(2, "", ["1", "a", "x\ny"]), (5, "", ["2", "b", "c"])]


def test_other_delimiters_become_commas_and_texts_with_commas_are_quoted():
    assert rows_of(cut(b"1\ta,b\tc", delimiter="\t")) == [(2, "", ["1", "a,b", "c"])]


def test_gb18030_bytes_that_look_like_separators_cut_nothing():
    text = "1,镕〇𠮷丂,|\\"
    assert rows_of(cut(text.encode("gb18030"), encoding="gb18030"))[0][2] == text.split(",")


def test_rows_of_one_document_stay_in_one_page():
    text = b"".join(b"%d,a,b\n" % (number // 3) for number in range(12))
    pages = cut(text, rows=4, group=0)
    assert [page.rows for page in pages] == [6, 6]
    assert sum(page.rows for page in pages) == 12


def test_a_value_for_the_whole_file_cannot_break_a_page():
    with pytest.raises(ValueError, match="comma"):
        Cutter(Dialect("utf-8", ",", HEADER), mapping={}, constants={"store_code": "a,b"})


LINES = st.lists(
    st.sampled_from([b"1,a,b", b"1,a", b'1,"a', b'2,"a,""",b', b"\xff,a,b", b"", b'"x', b'3,"l\n4,m",n', "4,张,三".encode()]),
    max_size=12,
)


@given(LINES, st.integers(1, 5), st.integers(1, 9))
def test_cutting_resumed_behind_any_page_gives_the_same_rows(lines, rows, block):
    """Pages carry where the next one begins; blocks of any size and any page size give the same rows."""
    text = b"\n".join(lines)
    whole = rows_of(cut(text))
    resumed, at, number = [], 0, 2
    while True:
        blocks = [text[start : start + block] for start in range(at, len(text), block)]
        cutter = Cutter(Dialect("utf-8", ",", HEADER), mapping=MAPPING, constants={"store_code": "S1"})
        page = next(iter(cutter.pages(lines_of(blocks, number=number, at=at), rows=rows)), None)
        if page is None:
            break
        resumed += rows_of([page])
        at, number = page.next_byte, page.next_line
    assert resumed == whole


def test_lines_carry_their_number_and_end():
    assert list(lines_of([b"a\r\nb", b"c\n", b"d"], number=5, at=10)) == [
        Line(5, 13, b"a"), Line(6, 16, b"bc"), Line(7, 17, b"d"),
    ]  # fmt: skip
