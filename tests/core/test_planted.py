"""Identity and bank card numbers in free text, against numbers that are none."""

import random

import pytest

from huitou.core.planted import PlantedKind, hidden, kind_of, planted_in

WEIGHTS = [2 ** (17 - place) % 11 for place in range(17)]  # GB 11643 as it is defined, not as a table
RNG = random.Random(11)


def identity() -> str:
    head = f"{RNG.choice((110101, 370102, 440305))}{RNG.randint(1930, 2015)}{RNG.randint(1, 12):02}{RNG.randint(1, 28):02}"
    body = f"{head}{RNG.randint(0, 999):03}"
    check = (12 - sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11) % 11
    return body + ("X" if check == 10 else str(check))


def bank_card() -> str:
    body = RNG.choice(("622202", "621700", "4367", "5187", "3568"))
    size = 19 if body.startswith("62") else 16
    body += "".join(str(RNG.randint(0, 9)) for _ in range(size - 1 - len(body)))
    for check in "0123456789":
        digits = [int(digit) for digit in body + check]
        for place in range(len(digits) - 2, -1, -2):
            digits[place] = sum(divmod(2 * digits[place], 10))
        if sum(digits) % 10 == 0:
            return body + check
    raise AssertionError


def grouped(number: str) -> str:
    fours = " ".join(number[at : at + 4] for at in range(0, len(number), 4))
    return RNG.choice((number, number, fours, f"{number[:6]}-{number[6:]}"))


@pytest.mark.parametrize(("make", "kind"), [(identity, PlantedKind.IDENTITY), (bank_card, PlantedKind.BANK_CARD)])
def test_a_thousand_planted_numbers_are_found_and_masked(make, kind):
    """TRUST L7: at least 99 %."""
    texts = [(number, f"客户说号码是{grouped(number)}，请帮忙登记。") for number in (make() for _ in range(1_000))]
    found = [[one.kind for one in planted_in(text)] for _number, text in texts]
    assert sum(kinds == [kind] for kinds in found) == 1_000
    for number, text in texts:
        shown = hidden(text)
        assert number not in shown.replace(" ", "").replace("-", "")
        assert number[-4:] in shown
        assert shown.endswith("，请帮忙登记。")


def test_of_a_thousand_other_numbers_at_most_one_in_a_hundred_is_flagged():
    makers = (
        lambda: f"订单 20{RNG.randint(20, 26)}{RNG.randint(1, 12):02}{RNG.randint(1, 28):02}{RNG.randint(0, 10**8):08} 没有发货",
        lambda: f"快递 SF{RNG.randint(10**12, 10**13)}、75{RNG.randint(10**12, 10**13)}",
        lambda: f"电话 13{RNG.randint(10**8, 10**9)} 转 {RNG.randint(0, 9999)}，会员卡 66{RNG.randint(10**7, 10**8)}",
        lambda: f"小票 {RNG.randint(10**19, 10**20)} 共 {RNG.randint(1, 99)} 件",
    )
    flagged = sum(any(True for _one in planted_in(makers[number % 4]())) for number in range(1_000))
    assert flagged <= 10


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("１１０１０５１９４９１２３１００２Ｘ。", "１１０***********００２Ｘ。"),
        ("号11010519491231002x补办", "号110***********002x补办"),
        ("11010519491231002Y", "11010519491231002Y"), ("110105194912310021", "110105194912310021"), ("", ""),
        ("㍿ 11010519491231002X", "㍿ 110***********002X"), ("a11010519491231002X", "a11010519491231002X"),
        ("6222 0210 0111 6645 12", "6222 0210 0111 6645 12"),
        ("卡 4367 4200 0000 0000 电话 13800000000", "卡 4367 4200 0000 0000 电话 13800000000"),
        ("11010519491231002X 13912345678 12", "110***********002X 13912345678 12"),
    ],
)  # fmt: skip
def test_edges(text, shown):
    assert hidden(text) == shown


def test_a_day_that_is_none_or_a_wrong_check_is_no_identity_number():
    assert kind_of("11010519491231002X") is PlantedKind.IDENTITY
    for wrong in ("110105194902310022", "010105194912310025", "11010518001231002X", "1101051949123100"):
        assert kind_of(wrong) is None
