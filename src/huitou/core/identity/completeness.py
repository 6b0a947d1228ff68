"""
How complete a person's file is: the weighted share of filled key fields.

The table names the key fields and their default weights; an administrator may weigh them otherwise. Consent belongs to the
key fields too, but it is stored in another form, so it has no weight here; adding it starts a new series.
"""

from collections.abc import Collection, Mapping

from huitou.core.labels import Label

COMPLETENESS_WEIGHTS: Mapping[str, float] = {
    "phone": 0.30,
    "name": 0.20,
    "birthday": 0.15,
    "address": 0.15,
    "gender": 0.10,
    "store": 0.10,
}
KEY_FIELD_LABELS: Mapping[str, Label] = {
    "phone": Label("手机号", "Phone"),
    "name": Label("姓名", "Name"),
    "birthday": Label("生日", "Birthday"),
    "address": Label("常住地址", "Address"),
    "gender": Label("性别", "Gender"),
    "store": Label("归属门店", "Home store"),
}


def check_weights(weights: Mapping[str, float]) -> None:
    """Raise ValueError unless these are the key fields, none weighs less than nothing and they sum to 1."""
    if weights.keys() != COMPLETENESS_WEIGHTS.keys():
        raise ValueError(f"completeness weights must name {list(COMPLETENESS_WEIGHTS)}, got {list(weights)}")
    if min(weights.values()) < 0 or abs(sum(weights.values()) - 1) > 1e-9:
        raise ValueError(f"completeness weights must not be negative and sum to 1, got {dict(weights)}")


def completeness_share(filled: Collection[str], weights: Mapping[str, float] = COMPLETENESS_WEIGHTS) -> float:
    """Return 0..1: the weights of the filled fields; a field without a weight counts nothing. Rounded to 6 places."""
    return round(sum(weight for field, weight in weights.items() if field in filled), 6)


def shares_by_bits(weights: Mapping[str, float] = COMPLETENESS_WEIGHTS) -> list[float]:
    """Return the share of every number that `filled_bits` can give, by that number."""
    return [completeness_share(fields_of_bits(bits), weights) for bits in range(1 << len(COMPLETENESS_WEIGHTS))]


def filled_bits(filled: Collection[str]) -> int:
    """Return the filled key fields as one number: bit i stands for the i-th field of the table."""
    return sum(1 << place for place, field in enumerate(COMPLETENESS_WEIGHTS) if field in filled)


def bits_without(field: str) -> tuple[int, ...]:
    """Return every number of `filled_bits` in which the field is not filled. Raises ValueError on another field."""
    place = list(COMPLETENESS_WEIGHTS).index(field)
    return tuple(bits for bits in range(1 << len(COMPLETENESS_WEIGHTS)) if not bits >> place & 1)


def fields_of_bits(bits: int) -> frozenset[str]:
    """Return the fields that `filled_bits` packed."""
    return frozenset(field for place, field in enumerate(COMPLETENESS_WEIGHTS) if bits >> place & 1)
