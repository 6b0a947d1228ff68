-- grain: one row per candidate of a kind that does not change: the first content of a key wins
-- inputs: instances, digests (digest, content_hash), documents (document_key, content_hash, version_at: what is known)
-- dialect: duckdb
-- owner: warehouse.landing
with
placed as (
    select
        i.instance,
        i.document_key,
        i.version_at,
        d.content_hash,
        k.content_hash as known_hash,
        row_number() over same_key as place,
        first_value(d.content_hash) over same_key as first_hash
    from instances as i
    inner join digests as d
        on i.digest = d.digest
    inner join documents as k
        on i.document_key = k.document_key
    window same_key as (partition by i.document_key order by i.page_no, i.row_no, i.instance)
)
select
    instance,
    document_key,
    version_at,
    content_hash,
    case
        when known_hash is null and place = 1 then 'accepted'
        when content_hash = coalesce(known_hash, first_hash) then 'merged'
        else 'conflict'
    end as verdict
from placed
