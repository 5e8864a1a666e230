-- Signatures, the views through which charts read them, and the charts.

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
comment on table public.signatures is 'Who signed for which campaign. A voter signs once a campaign.';
comment on column public.signatures.circulator is 'The badge number of the person who held the clipboard.';
-- A chart reads the signatures of one campaign, mostly of a date range.
create index signatures_of_campaign_by_time on public.signatures (campaign_id, signed_at);

create schema chart_sources;
comment on schema chart_sources is
  'The views that a chart can read, and nothing else can be charted. A chart reads only its own campaign''s rows of '
  'a view that has a column campaign_id. No view may have a column that identifies a voter: every member of a '
  'campaign reads its charts.';
create view chart_sources.signatures as
  select campaign_id, signed_at, county, city, zip, party, birth_year, channel, circulator, status, verified_on
  from public.signatures;
comment on view chart_sources.signatures is 'Signatures, without who signed.';
create view chart_sources.campaigns as
  select id as campaign_id, name, goal, created_at from public.campaigns;
comment on view chart_sources.campaigns is 'Campaigns and their goals: one row a chart.';

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
comment on table public.charts is 'Charts: a definition in config, and in data what a chart library draws.';
comment on column public.charts.config is 'The chart definition. docs/charts.md describes it.';
comment on column public.charts.definition_version is 'Counts the edits of config.';
comment on column public.charts.data is 'The last good result, whatever status says.';
comment on column public.charts.data_version is 'The definition_version that data belongs to.';
comment on column public.charts.status is
  'pending: not generated since the last edit. failed: tried again when it is due. invalid: not tried again before '
  'an edit.';
comment on column public.charts.error is
  'Why the last attempt failed: {"code", "message", "field"?}. Null if it did not.';
comment on column public.charts.attempted_at is 'When the chart was last generated, or failed to be.';
comment on column public.charts.refresh_interval is 'Null: the schedule leaves the chart alone.';
create index charts_of_campaign on public.charts (campaign_id);
-- For due_charts(). Neither index has a column that a generation writes: each would have to write the index too.
create index charts_on_schedule on public.charts (id) where refresh_interval is not null and status <> 'invalid';
create index failing_charts on public.charts (id) where refresh_interval is not null and status = 'failed';

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
comment on function public.note_chart_edit is
  'Makes an edited chart due, and any generation of its old definition outdated. A chart that moves to another '
  'campaign leaves its data behind: members of the one may not see the numbers of the other.';
create trigger note_chart_edit before update of config, campaign_id, title, refresh_interval on public.charts
  for each row execute function public.note_chart_edit();

alter table public.signatures enable row level security;
alter table public.charts enable row level security;

-- The default privileges of a Supabase project give new tables to every API role. What is not wanted is revoked.
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

create policy "members read their campaigns' charts" on public.charts
  for select to authenticated using (campaign_id in (select private.campaigns_of_caller()));
