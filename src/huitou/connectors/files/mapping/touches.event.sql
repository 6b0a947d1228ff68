-- grain: one row per touch of a line and one per response to it; without a number the line's content is its number
-- inputs: raw (page_no, row_no, the fields of connectors/files/fields.py)
-- owner: connectors.files
-- dialect: duckdb
-- uses: named
with
channelled as (
    select
        *,
        case lower(trim(channel))
            when '短信' then 'sms'
            when '电话' then 'phone'
            when '企微' then 'wecom'
            when '企业微信' then 'wecom'
            when '邮件' then 'email'
            else lower(trim(channel))
        end as channel_code,
        nullif(trim(responded_at), '') as answered_at
    from named
),
moments as (
    select
        *,
        'touch' as kind,
        occurred_at as moment
    from channelled
    union all
    select
        *,
        'response' as kind,
        answered_at as moment
    from channelled
    where answered_at is not null
)
select
    page_no,
    row_no,
    case
        when who is null then 'no_key'
        when coalesce(bad_phone, false) then 'bad_phone'
        when channel_code not in ('sms', 'phone', 'wecom', 'email') then 'unknown_code'
    end as refuse_reason,
    case
        when who is null then 'source_id, member_card, phone'
        when coalesce(bad_phone, false) then 'phone'
        when channel_code not in ('sms', 'phone', 'wecom', 'email') then 'channel'
    end as refuse_column,
    case when kind = 'response' then 'response:' else '' end
    || coalesce(nullif(trim(event_no), ''), md5(concat_ws('|', who, channel_code, occurred_at))) as event_no,
    kind || ':' || channel_code as type_code,
    who as customer_source_id,
    moment as occurred_at
from moments
