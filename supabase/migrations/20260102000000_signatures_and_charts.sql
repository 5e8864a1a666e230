-- What is charted (signatures), what a chart may read of it (the views of chart_sources), and the charts themselves.

create table public.signatures (
  id bigint generated always as identity primary key,
  campaign_id uuid not null references public.campaigns on delete cascade,
  voter_id text not null check (voter_id ~ '^[A-Za-z0-9_-]+$'),
  signed_at timestamptz not null,
  county text,
  city text,
  zip text,
  party text,
  birth_year smallint check (birth_year between 1890 and 2100),
  channel text not null check (channel in ('clipboard', 'event', 'mail')),
  circulator text,
  status text not null default 'pending' check (status in ('pending', 'valid', 'rejected')),
  verified_on date,
  unique (campaign_id, voter_id)
);
comment on column public.signatures.circulator is 'badge number of whoever held the clipboard';
-- A chart reads one campaign's signatures, mostly of a date range.
create index signatures_of_campaign_by_time on public.signatures (campaign_id, signed_at);

-- Every view in here can be charted, and nothing else. A view that has a column "campaign_id" shows a chart the rows of
-- its own campaign alone. No view may hold what identifies a voter: a chart is read by every member of a campaign.
create schema chart_sources;
create view chart_sources.signatures as
  select campaign_id, signed_at, county, city, zip, party, birth_year, channel, circulator, status, verified_on
  from public.signatures;
create view chart_sources.campaigns as
  select id as campaign_id, name, goal, created_at from public.campaigns;

create table public.charts (
  id uuid primary key default gen_random_uuid(),
  campaign_id uuid not null references public.campaigns on delete cascade,
  title text not null check (char_length(title) between 1 and 500),
  config jsonb not null,
  definition_version bigint not null default 1,
  data jsonb,
  data_version bigint,
  status text not null default 'pending' check (status in ('pending', 'ready', 'failed', 'invalid')),
  error jsonb,
  generated_at timestamptz,
  attempted_at timestamptz,
  refresh_interval interval default interval '1 hour' 
    check (refresh_interval between interval '1 minute' and interval '10 years'),
  created_at timestamptz not null default now() check (created_at >= '1970-01-01Z'),
  updated_at timestamptz not null default now(),
  check ((data is null) = (generated_at is null))
);
comment on column public.charts.config is 'the chart definition: docs/charts.md';
comment on column public.charts.definition_version is 'counts the edits of config';
comment on column public.charts.data is 'the last good result, whatever status says';
comment on column public.charts.data_version is 'the definition_version that data belongs to';
comment on column public.charts.status is
  'pending: not generated since the definition changed; failed: tried again when due; invalid: not before it is edited';
comment on column public.charts.error is 'of the last attempt, unless it succeeded: {"code", "message", "field"?}';
comment on column public.charts.refresh_interval is 'null: never refreshed by the schedule';
create index charts_of_campaign on public.charts (campaign_id);

-- Whoever edits a definition, by whatever means, makes the chart due and outdates a generation that is under way. A chart
-- that moves leaves its data behind: the members of the one campaign may not see the numbers of the other.
create function public.note_chart_edit() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.updated_at := now();
  if new.config is distinct from old.config or new.campaign_id is distinct from old.campaign_id then
    new.definition_version := old.definition_version + 1;
    new.status := 'pending';
    new.error := null;
    new.attempted_at := null;
  end if;
  if new.campaign_id is distinct from old.campaign_id then
    new.data := null;
    new.data_version := null;
    new.generated_at := null;
  end if;
  return new;
end
$$;
create trigger note_chart_edit before update of config, campaign_id, title, refresh_interval on public.charts
  for each row execute function public.note_chart_edit();

alter table public.signatures enable row level security;
alter table public.charts enable row level security;

-- A project's default privileges hand new tables to every API role, so that what is not wanted is taken back by name.
revoke all on schema chart_sources from public, anon, authenticated;
revoke all on all tables in schema chart_sources from public, anon, authenticated;
revoke all on public.signatures, public.charts from public, anon, authenticated;
revoke all on sequence public.signatures_id_seq from public, anon, authenticated;
revoke execute on function public.note_chart_edit() from public, anon, authenticated;
grant select on public.charts to authenticated;
grant select, insert, update, delete on public.signatures, public.charts to service_role;
grant usage on schema chart_sources to service_role;
grant select on all tables in schema chart_sources to service_role;
alter default privileges in schema chart_sources grant select on tables to service_role;

-- (select auth.uid()) is computed once a statement; auth.uid() alone, once a row.
create policy "members read their campaigns' charts" on public.charts
  for select to authenticated using (
    exists (
      select from public.memberships as membership
      where membership.user_id = (select auth.uid())
        and (membership.campaign_id is null or membership.campaign_id = charts.campaign_id)
    )
  );
