"""Which places lie within some metres of another."""

import math
from collections.abc import Sequence

from huitou.core.filters.catalogue import Place

EARTH_METRES = 6_371_008.8  # mean radius
MOST_METRES = 1_000_000


def metres_between(one: Place, other: Place) -> float:
    """Return the great-circle distance on a sphere of the mean radius (haversine; within 0.6 % of the ellipsoid)."""
    south, north = math.radians(one.latitude), math.radians(other.latitude)
    rise, turn = north - south, math.radians(other.longitude - one.longitude)
    half = math.sin(rise / 2) ** 2 + math.cos(south) * math.cos(north) * math.sin(turn / 2) ** 2
    return 2 * EARTH_METRES * math.asin(math.sqrt(min(1.0, half)))


def ids_near(places: Sequence[Place], centre_id: int, metres: int) -> tuple[int, ...]:
    """Return the ids of the places at most so far from the named one, itself included, in rising order."""
    centre = next(place for place in places if place.id == centre_id)
    return tuple(sorted(place.id for place in places if metres_between(centre, place) <= metres))
