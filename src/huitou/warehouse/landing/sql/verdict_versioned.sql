-- grain: one row per candidate of a versioned kind: the newest version wins, an older one is merged
-- inputs: instances, digests (digest, content_hash), documents (document_key, content_hash, version_at: what is known)
-- dialect: duckdb
-- owner: warehouse.landing
-- One version with two contents is a conflict: neither can be called the later.
with
placed as (
    select
        i.instance,
        i.document_key,
        i.version_at,
        d.content_hash,
        k.content_hash as known_hash,
        k.version_at as known_version_at,
        row_number() over newest as place,
        first_value(i.version_at) over newest as top_version_at,
        first_value(d.content_hash) over newest as top_hash
    from instances as i
    inner join digests as d
        on i.digest = d.digest
    inner join documents as k
        on i.document_key = k.document_key
    window newest as (partition by i.document_key order by i.version_at desc, i.page_no, i.row_no, i.instance)
)
select
    instance,
    document_key,
    version_at,
    content_hash,
    case
        when version_at < top_version_at or version_at < known_version_at then 'merged'
        when content_hash = known_hash then 'merged'
        when version_at = known_version_at then 'conflict'
        when place = 1 then 'accepted'
        when content_hash = top_hash then 'merged'
        else 'conflict'
    end as verdict
from placed
