-- Campaigns, who belongs to them in which role, and what a role may do. Only the service role writes here. A signed-in
-- user reads their own memberships and the campaigns that these are for.

create table public.campaigns (
  id uuid primary key default gen_random_uuid(),
  name text not null check (name <> ''),
  goal integer check (goal > 0),
  created_at timestamptz not null default now()
);
comment on table public.campaigns is 'Petition campaigns.';
comment on column public.campaigns.goal is 'The number of signatures wanted.';

create table public.memberships (
  user_id uuid not null,
  role text not null check (role <> ''),
  -- not "on delete set null": that would turn the members of a deleted campaign into members of every campaign
  campaign_id uuid references public.campaigns on delete cascade,
  unique nulls not distinct (user_id, role, campaign_id)
);
comment on table public.memberships is 'Who belongs to which campaign, in which role.';
comment on column public.memberships.campaign_id is 'Null stands for every campaign, also for those to come.';
create index memberships_of_campaign on public.memberships (campaign_id);

create table public.role_permissions (
  role text not null check (role <> ''),
  permission text not null check (permission ~ '^[a-z]+:[a-z]+$'),
  primary key (role, permission)
);

comment on table public.role_permissions is
  'What a role may do. A viewer has no permission: they read the charts of their campaigns and call nothing.';

insert into public.role_permissions (role, permission) values
  ('organizer', 'voters:search'), ('organizer', 'signers:check'), ('organizer', 'charts:generate'),
  ('clerk', 'voters:search'), ('clerk', 'signers:check'),
  ('analyst', 'charts:generate');

alter table public.campaigns enable row level security;
alter table public.memberships enable row level security;
alter table public.role_permissions enable row level security;

-- The default privileges of a Supabase project give new tables to every API role. What is not wanted is revoked.
revoke all on public.campaigns, public.memberships, public.role_permissions from public, anon, authenticated;
grant select on public.campaigns, public.memberships to authenticated;
grant select, insert, update, delete on public.campaigns, public.memberships, public.role_permissions to service_role;

-- Outside the schemas that the REST interface serves: the function below runs with its owner's rights.
create schema private;
comment on schema private is 'Helpers of row-level security. The REST interface does not serve it.';
revoke all on schema private from public;
grant usage on schema private to authenticated;

create function private.campaigns_of_caller() returns setof uuid
language sql stable security definer set search_path = '' as $$
  select campaign.id from public.campaigns as campaign
  where exists (
    select from public.memberships as membership
    where membership.user_id = (select auth.uid())
      and (membership.campaign_id is null or membership.campaign_id = campaign.id)
  )
$$;
comment on function private.campaigns_of_caller is
  'The campaigns that the signed-in user is a member of. Row-level security asks it once a statement: a policy '
  'writes "campaign_id in (select private.campaigns_of_caller())". It runs with its owner''s rights, as the policy '
  'on campaigns would otherwise ask itself.';
revoke execute on function private.campaigns_of_caller() from public, anon, authenticated, service_role;
grant execute on function private.campaigns_of_caller() to authenticated;

-- (select auth.uid()) is computed once a statement; auth.uid() alone would be computed once a row.
create policy "members read their own memberships" on public.memberships
  for select to authenticated using (user_id = (select auth.uid()));

create policy "members read their campaigns" on public.campaigns
  for select to authenticated using (id in (select private.campaigns_of_caller()));

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
comment on function public.permissions_snapshot is
  'What a user may do: {"userId": uuid, "roles": [text], "permissions": [text], "campaigns": {uuid or "*": '
  '[permission]}}. "permissions" are those that the user has anywhere, "campaigns" says where: "*" stands for every '
  'campaign. An unknown user has none, which is no error.';

revoke execute on function public.permissions_snapshot(uuid) from public, anon, authenticated;
grant execute on function public.permissions_snapshot(uuid) to service_role;
