-- Which signatures count, and what keeps the sets of signers in Redis equal to them.
--
-- The table is the truth. A set is built from pages of it, signers_page(), and kept up to date from a log of changes,
-- signer_changes(). How far a set has got is its position: a transaction snapshot. A change that is not visible in it is
-- still to be applied, whenever its transaction began. A sequence number would skip a transaction that commits late.

alter table public.signatures
  drop constraint signatures_status_check,
  add constraint signatures_status_check check (status in ('pending', 'valid', 'rejected', 'withdrawn')),
  add column counts boolean not null generated always as (status in ('pending', 'valid')) stored;
comment on column public.signatures.counts is
  'Whether the voter has signed. A rejected or withdrawn signature does not keep them from signing again.';

-- A voter whose signature was rejected signs again in a row of its own.
alter table public.signatures drop constraint signatures_campaign_id_voter_id_key;
create unique index signers on public.signatures (campaign_id, voter_id) where counts;

-- --- the log of changes -------------------------------------------------------------------------------------------

create table public.signature_changes (
  campaign_id uuid not null,
  xid xid8 not null default pg_current_xact_id(),
  id bigint generated always as identity,
  voter_id text,
  changed_at timestamptz not null default now(),
  primary key (campaign_id, xid, id)
);
comment on table public.signature_changes is
  'Whose signature was added, withdrawn or moved. Whether the voter has signed now is in signatures.';
comment on column public.signature_changes.xid is 'The transaction that made the change.';
comment on column public.signature_changes.voter_id is 'Null: all signatures of the campaign.';
-- For prune_signature_changes().
create index signature_changes_by_age on public.signature_changes (changed_at);

create table public.pruned_signature_changes (
  campaign_id uuid primary key,
  xid xid8 not null
);
comment on table public.pruned_signature_changes is 'The newest change of each campaign that was pruned from the log.';

-- The triggers run with their owner's rights: who may write signatures need not be allowed to write the log.
create function private.log_signature_changes() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'INSERT' then
    insert into public.signature_changes (campaign_id, voter_id)
      select campaign_id, voter_id from new_rows where counts;
  elsif tg_op = 'DELETE' then
    insert into public.signature_changes (campaign_id, voter_id)
      select campaign_id, voter_id from old_rows where counts;
  else
    insert into public.signature_changes (campaign_id, voter_id)
      (select campaign_id, voter_id from old_rows where counts
        except select campaign_id, voter_id from new_rows where counts)
      union all
      (select campaign_id, voter_id from new_rows where counts
        except select campaign_id, voter_id from old_rows where counts);
  end if;
  return null;
end
$$;
comment on function private.log_signature_changes is
  'Logs whose signatures a statement made count, and whose it made count no longer.';
create trigger log_inserted_signatures after insert on public.signatures
  referencing new table as new_rows
  for each statement execute function private.log_signature_changes();
create trigger log_updated_signatures after update on public.signatures
  referencing old table as old_rows new table as new_rows
  for each statement execute function private.log_signature_changes();
create trigger log_deleted_signatures after delete on public.signatures
  referencing old table as old_rows
  for each statement execute function private.log_signature_changes();

create function private.log_signatures_truncation() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.signature_changes (campaign_id) select id from public.campaigns;
  return null;
end
$$;
comment on function private.log_signatures_truncation is 'Logs that all signatures of every campaign changed.';
create trigger log_truncated_signatures before truncate on public.signatures
  for each statement execute function private.log_signatures_truncation();

create function private.log_campaign_change() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.signature_changes (campaign_id) values (coalesce(new.id, old.id));
  return null;
end
$$;
comment on function private.log_campaign_change is
  'Logs a new campaign, so that its set is there before the first voter is looked up, and a deleted one.';
create trigger log_campaign_change after insert or delete on public.campaigns
  for each row execute function private.log_campaign_change();

-- --- questions ----------------------------------------------------------------------------------------------------
-- Each answers one JSON value: PostgREST cuts longer answers off after 1,000 rows.

create function public.find_signers(campaign_id uuid, voter_ids text[]) returns json
language sql stable security invoker set search_path = '' as $$
  select coalesce(json_agg(signature.voter_id) filter (where signature.voter_id is not null), '[]')
  from public.campaigns as campaign
  left join public.signatures as signature
    on signature.campaign_id = campaign.id and signature.voter_id = any (find_signers.voter_ids) and signature.counts
  where campaign.id = find_signers.campaign_id
  group by campaign.id
$$;
comment on function public.find_signers is 'Those of some voters who have signed, as a list. Null if there is no such campaign.';

create function public.signers_page(campaign_id uuid, after text default null, page_size integer default 10000)
returns json
language sql stable security invoker set search_path = '' as $$
  with page as (
    select signature.voter_id
    from public.signatures as signature
    where signature.campaign_id = signers_page.campaign_id and signature.counts
      and (after is null or signature.voter_id > after)
    order by signature.voter_id
    limit page_size
  )
  select json_build_object(
    'position', pg_current_snapshot()::text,
    'voterIds', coalesce(json_agg(page.voter_id), '[]'),
    'next', case when count(*) = page_size then max(page.voter_id) end)
  from page
$$;
comment on function public.signers_page is
  'A page of a campaign''s signers: {"position", "voterIds", "next"}. "next" is "after" of the following page, or null. '
  'A set that is built from all pages is at the position of the first.';

create function public.campaign_ids(after uuid default null, page_size integer default 1000) returns json
language sql stable security invoker set search_path = '' as $$
  select coalesce(json_agg(id order by id), '[]')
  from (
    select id from public.campaigns as campaign where after is null or campaign.id > after order by id limit page_size
  ) as page
$$;
comment on function public.campaign_ids is
  'A page of all campaigns, in the order of their ids. "after" is the last one of the page before.';

create function public.campaigns_with_changes(after uuid default null, page_size integer default 1000) returns json
language sql stable security invoker set search_path = '' as $$
  -- One look into the index for each campaign, not for each change.
  with recursive listed (campaign_id, number) as (
    (select change.campaign_id, 1 from public.signature_changes as change
      where after is null or change.campaign_id > after
      order by change.campaign_id limit 1)
    union all
    select (select change.campaign_id from public.signature_changes as change
      where change.campaign_id > listed.campaign_id
      order by change.campaign_id limit 1), listed.number + 1
    from listed where listed.campaign_id is not null and listed.number < page_size
  )
  select coalesce(json_agg(json_build_object(
    'campaignId', listed.campaign_id,
    'isGone', not exists (select from public.campaigns as campaign where campaign.id = listed.campaign_id)
  ) order by listed.campaign_id), '[]')
  from listed where listed.campaign_id is not null
$$;
comment on function public.campaigns_with_changes is
  'A page of the campaigns in the log, in the order of their ids: [{"campaignId", "isGone"}]. "after" is the last one of '
  'the page before.';

-- A position is the text of a snapshot. In the middle of many changes it is "<since>/<until>/<xid>/<id>": of the changes
-- that are visible in "until" and not in "since", those up to that one are applied.
create function public.signer_changes(campaign_ids uuid[], positions text[], page_size integer default 1000)
returns json
language sql stable security invoker set search_path = '' as $$
  with asked as (
    select campaign_id,
      split_part(position, '/', 1)::pg_snapshot as since,
      coalesce(nullif(split_part(position, '/', 2), '')::pg_snapshot, pg_current_snapshot()) as until,
      coalesce(nullif(split_part(position, '/', 3), ''), '0')::xid8 as after_xid,
      coalesce(nullif(split_part(position, '/', 4), ''), '0')::bigint as after_id
    from unnest(campaign_ids, positions) as given (campaign_id, position)
  ), answered as (
    select asked.*, page.*,
      not exists (select from public.campaigns as campaign where campaign.id = asked.campaign_id) as is_gone,
      -- A database that was restored from a backup can be behind a position from before.
      pg_snapshot_xmax(asked.since) > pg_snapshot_xmax(pg_current_snapshot())
        or exists (
          select from public.pruned_signature_changes as pruned
          where pruned.campaign_id = asked.campaign_id and pruned.xid >= pg_snapshot_xmin(asked.since)
        ) as is_lost
    from asked cross join lateral (
      select count(*) as changes, (array_agg(change.xid order by change.xid desc, change.id desc))[1] as last_xid,
        (array_agg(change.id order by change.xid desc, change.id desc))[1] as last_id,
        coalesce(bool_or(change.voter_id is null), false) as is_all,
        array_agg(distinct change.voter_id) filter (where change.voter_id is not null) as voter_ids
      from (
        select change.xid, change.id, change.voter_id
        from public.signature_changes as change
        where change.campaign_id = asked.campaign_id
          and (change.xid, change.id) > (asked.after_xid, asked.after_id)
          and change.xid >= pg_snapshot_xmin(asked.since)
          and not pg_visible_in_snapshot(change.xid, asked.since)
          and pg_visible_in_snapshot(change.xid, asked.until)
        order by change.xid, change.id
        limit page_size
      ) as change
    ) as page
  )
  select coalesce(json_agg(json_build_object(
    'campaignId', campaign_id,
    'position', case when changes < page_size then until::text
      else since::text || '/' || until::text || '/' || last_xid::text || '/' || last_id::text end,
    'outcome', case when is_gone then 'gone' when is_all or is_lost then 'lost'
      when changes < page_size then 'complete' else 'more' end,
    'signed', signed, 'unsigned', unsigned)), '[]')
  from answered cross join lateral (
    select coalesce(json_agg(voter_id) filter (where has_signed), '[]') as signed,
      coalesce(json_agg(voter_id) filter (where not has_signed), '[]') as unsigned
    from (
      select voter_id, exists (
        select from public.signatures as signature
        where signature.campaign_id = answered.campaign_id and signature.voter_id = voter.voter_id and signature.counts
      ) as has_signed
      from unnest(answered.voter_ids) as voter (voter_id)
    ) as voters
  ) as state
$$;
comment on function public.signer_changes is
  'Whose signatures changed since the position of each campaign''s set: [{"campaignId", "position", "outcome", "signed", '
  '"unsigned"}]. "position" is where the set is when the two lists are applied. The lists say who has signed now, so it '
  'is harmless to apply them twice. Outcomes: complete; more (ask again from the new position); lost (build the set '
  'again); gone (there is no such campaign).';

create function public.prune_signature_changes(keep interval default '1 day', at_most integer default 50000)
returns integer
language sql security invoker set search_path = '' as $$
  with pruned as (
    delete from public.signature_changes as change
    using (
      select campaign_id, xid, id from public.signature_changes
      where changed_at < now() - keep
        -- A position that is taken now must be after whatever is pruned.
        and (xid < pg_snapshot_xmin(pg_current_snapshot()) or xid >= pg_snapshot_xmax(pg_current_snapshot()))
      order by changed_at
      limit at_most
    ) as old
    where change.campaign_id = old.campaign_id and change.xid = old.xid and change.id = old.id
    returning change.campaign_id, change.xid
  ), noted as (
    insert into public.pruned_signature_changes as noted (campaign_id, xid)
      select distinct on (campaign_id) campaign_id, xid from pruned
      where xid < pg_snapshot_xmin(pg_current_snapshot())
      order by campaign_id, xid desc
    on conflict (campaign_id) do update set xid = greatest(noted.xid, excluded.xid)
  )
  select count(*)::integer from pruned
$$;
comment on function public.prune_signature_changes is
  'Deletes old changes from the log, and returns how many. A set that has not applied them by then is built again.';

-- --- who may ------------------------------------------------------------------------------------------------------

alter table public.signature_changes enable row level security;
alter table public.pruned_signature_changes enable row level security;

-- The default privileges of a Supabase project give new tables to every API role. What is not wanted is revoked.
revoke all on public.signature_changes, public.pruned_signature_changes from public, anon, authenticated, service_role;
revoke all on sequence public.signature_changes_id_seq from public, anon, authenticated, service_role;
grant select, delete on public.signature_changes to service_role;
grant select, insert, update on public.pruned_signature_changes to service_role;
revoke execute on function private.log_signature_changes(), private.log_signatures_truncation(),
  private.log_campaign_change() from public, anon, authenticated, service_role;
revoke execute on function public.find_signers(uuid, text[]), public.signers_page(uuid, text, integer),
  public.campaign_ids(uuid, integer), public.campaigns_with_changes(uuid, integer), public.signer_changes(uuid[], text[], integer),
  public.prune_signature_changes(interval, integer) from public, anon, authenticated;
grant execute on function public.find_signers(uuid, text[]), public.signers_page(uuid, text, integer),
  public.campaign_ids(uuid, integer), public.campaigns_with_changes(uuid, integer), public.signer_changes(uuid[], text[], integer),
  public.prune_signature_changes(interval, integer) to service_role;
