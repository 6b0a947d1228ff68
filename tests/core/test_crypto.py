"""Values and files come back only under the right key, context and length."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huitou.core.crypto import DecryptError, Keyring, generate_keyring

RING = generate_keyring()


@given(st.binary(max_size=300))
def test_a_value_comes_back_and_two_encryptions_differ(plain):
    first, second = (RING.encrypt(plain, context="a:1") for _ in range(2))
    assert RING.decrypt(first, context="a:1") == plain
    assert first != second


def test_a_value_moved_to_another_row_does_not_decrypt():
    sealed = RING.encrypt("王小明".encode(), context="customers.person:1")
    with pytest.raises(DecryptError, match="person:2"):
        RING.decrypt(sealed, context="customers.person:2")


def test_an_old_key_still_decrypts_after_rotation_and_a_lost_one_does_not():
    old = Keyring(masters={1: b"a" * 32}, current=1, hash_master=b"h" * 32)
    rotated = Keyring(masters={1: b"a" * 32, 2: b"b" * 32}, current=2, hash_master=b"h" * 32)
    lost = Keyring(masters={2: b"b" * 32}, current=2, hash_master=b"h" * 32)
    sealed = old.encrypt(b"x", context="c")
    assert rotated.decrypt(sealed, context="c") == b"x"
    assert rotated.hash("phone", "15400000000") == old.hash("phone", "15400000000")
    with pytest.raises(DecryptError):
        lost.decrypt(sealed, context="c")


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20])
def test_a_file_comes_back_at_every_chunk_boundary(size):
    plain = bytes(i % 251 for i in range(1000)) * (size // 1000 + 1)
    sealed = RING.encrypt_file(plain[:size], context="landing/mall/1/records")
    assert RING.decrypt_file(sealed, context="landing/mall/1/records") == plain[:size]


@pytest.mark.parametrize(
    ("case", "damage"),
    [
        ("last chunk cut off", lambda sealed: sealed[: 21 + (1 << 20) + 16]),
        ("one byte changed", lambda sealed: sealed[:500] + bytes([sealed[500] ^ 1]) + sealed[501:]),
        ("chunks swapped", lambda sealed: sealed[:21] + _swap(sealed[21:])),
        ("no header", lambda sealed: sealed[10:]),
        ("empty", lambda sealed: b""),
    ],
)
def test_a_damaged_file_is_refused(case, damage):
    sealed = RING.encrypt_file(bytes(3 << 20), context="c")
    with pytest.raises(DecryptError):
        RING.decrypt_file(damage(sealed), context="c")


def _swap(body: bytes) -> bytes:
    step = (1 << 20) + 16
    return body[step : 2 * step] + body[:step] + body[2 * step :]


@given(st.text(), st.text())
def test_hashes_are_equal_for_equal_values_only_and_fit_a_signed_64_bit_column(left, right):
    assert (RING.hash("name", left) == RING.hash("name", right)) == (left == right)
    assert -(2**63) <= RING.hash("name", left) < 2**63
    assert RING.hash_all("name", [left, right]) == [RING.hash("name", left), RING.hash("name", right)]
    assert RING.hash("name", left) != RING.hash("card", left)


@pytest.mark.parametrize("arguments", [
    {"masters": {1: b"short"}, "current": 1, "hash_master": b"h" * 32},
    {"masters": {1: b"a" * 32}, "current": 2, "hash_master": b"h" * 32},
    {"masters": {1: b"a" * 32}, "current": 1, "hash_master": b"h"},
])  # fmt: skip
def test_a_keyring_with_a_wrong_key_is_refused(arguments):
    with pytest.raises(ValueError, match=r"key"):
        Keyring(**arguments)
    assert "aaaa" not in repr(RING), "keys must not print"
