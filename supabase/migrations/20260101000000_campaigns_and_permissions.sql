-- Campaigns, who belongs to them in which role, and what a role may do.
-- Only the service role writes here; a signed-in user reads what concerns them.

create table public.campaigns (
  id uuid primary key default gen_random_uuid(),
  name text not null check (name <> ''),
  goal integer check (goal > 0),
  created_at timestamptz not null default now()
);
comment on column public.campaigns.goal is 'signatures wanted';

create table public.memberships (
  user_id uuid not null,
  role text not null check (role <> ''),
  -- cascade and never "set null": that would turn the members of a deleted campaign into members of every campaign
  campaign_id uuid references public.campaigns on delete cascade,
  unique nulls not distinct (user_id, role, campaign_id)
);
comment on column public.memberships.campaign_id is 'null: every campaign, also those to come';
create index memberships_of_campaign on public.memberships (campaign_id);

create table public.role_permissions (
  role text not null check (role <> ''),
  permission text not null check (permission ~ '^[a-z]+:[a-z]+$'),
  primary key (role, permission)
);

-- A viewer holds no permission: the role says that somebody may read a campaign's charts and call nothing.
insert into public.role_permissions (role, permission) values
  ('organizer', 'voters:search'), ('organizer', 'signers:check'), ('organizer', 'charts:generate'),
  ('clerk', 'voters:search'), ('clerk', 'signers:check'),
  ('analyst', 'charts:generate');

alter table public.campaigns enable row level security;
alter table public.memberships enable row level security;
alter table public.role_permissions enable row level security;

-- A project's default privileges hand new tables to every API role, so that what is not wanted is taken back by name.
revoke all on public.campaigns, public.memberships, public.role_permissions from public, anon, authenticated;
grant select on public.campaigns, public.memberships to authenticated;
grant select, insert, update, delete on public.campaigns, public.memberships, public.role_permissions to service_role;

-- (select auth.uid()) is computed once a statement; auth.uid() alone, once a row.
create policy "members read their own memberships" on public.memberships
  for select to authenticated using (user_id = (select auth.uid()));

create policy "members read their campaigns" on public.campaigns
  for select to authenticated using (
    exists (
      select from public.memberships as membership
      where membership.user_id = (select auth.uid())
        and (membership.campaign_id is null or membership.campaign_id = campaigns.id)
    )
  );

-- What a user may do, as one JSON value:
--   {"userId": uuid, "roles": [text], "permissions": [text], "campaigns": {uuid or "*": [permission]}}
-- "permissions" are those held anywhere; "campaigns" says where: "*" stands for every campaign. Someone who is unknown
-- holds nothing and is no error.
create function public.permissions_snapshot(user_id uuid) returns jsonb
language sql stable security invoker set search_path = '' as $$
  with held as (
    select membership.role, coalesce(membership.campaign_id::text, '*') as campaign, granted.permission
    from public.memberships as membership
    left join public.role_permissions as granted on granted.role = membership.role
    where membership.user_id = permissions_snapshot.user_id
  ), by_campaign as (
    select campaign, coalesce(jsonb_agg(distinct permission) filter (where permission is not null), '[]') as permissions
    from held group by campaign
  )
  select jsonb_build_object(
    'userId', permissions_snapshot.user_id,
    'roles', coalesce(jsonb_agg(distinct role), '[]'),
    'permissions', coalesce(jsonb_agg(distinct permission) filter (where permission is not null), '[]'),
    'campaigns', (select coalesce(jsonb_object_agg(campaign, permissions), '{}') from by_campaign)
  ) from held
$$;

revoke execute on function public.permissions_snapshot(uuid) from public, anon, authenticated;
grant execute on function public.permissions_snapshot(uuid) to service_role;
