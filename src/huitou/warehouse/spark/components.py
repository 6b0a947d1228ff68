"""Connected components of a table of edges by alternating large-star and small-star (Kiveris et al. 2014), as SQL."""

from typing import Any

LARGE_STAR = """
    with near as (select a as u, b as v from {edges} union all select b, a from {edges}),
    lowest as (select u, least(u, min(v)) as m from near group by u)
    select distinct v as a, m as b from near join lowest using (u) where v > u
"""
SMALL_STAR = """
    with below as (select greatest(a, b) as u, least(a, b) as v from {edges}),
    lowest as (select u, min(v) as m from below group by u)
    select distinct v as a, m as b from below join lowest using (u) where v <> m union select u, m from lowest
"""
STATE = "select count(*), sum(cast(xxhash64(a, b) as decimal(38, 0))) from {edges}"


def components(edges: Any) -> Any:
    """
    Return rank, root for every record that has an edge: root is the smallest rank of its component.

    edges: a, b, a <> b. No edges give no rows. Rounds grow with the logarithm of the longest path.
    """
    session, state = edges.sparkSession, None
    while True:
        stars = session.sql(LARGE_STAR, edges=edges)
        edges = session.sql(SMALL_STAR, edges=stars).localCheckpoint()
        reached = session.sql(STATE, edges=edges).first()
        if reached == state:
            return session.sql("select a as rank, b as root from {edges} union select b, b from {edges}", edges=edges)
        state = reached
