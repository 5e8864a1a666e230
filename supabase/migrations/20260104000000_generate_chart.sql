-- One chart from its definition to its stored data in one call, and the list of the charts that are due.
--
-- Both answer one JSON value: PostgREST cuts a list of rows off after 1,000.

create function public.record_chart_failure(
  chart_id uuid, version bigint, failure jsonb, permanent boolean default false)
returns void
language sql security invoker set search_path = '' as $$
  update public.charts
  set status = case when permanent then 'invalid' else 'failed' end, error = failure, attempted_at = clock_timestamp()
  where charts.id = chart_id and charts.definition_version = version
$$;
comment on function public.record_chart_failure is
  'Records why a chart could not be generated, and keeps its last good data. A definition that was edited since that '
  'version stays as it is: the failure is not its own.';

create function chart_engine.chart_answer(outcome text, chart public.charts) returns jsonb
language sql stable set search_path = '' set timezone = 'UTC' as $$
  select jsonb_build_object('outcome', outcome, 'campaignId', chart.campaign_id, 'chart', jsonb_build_object(
    'id', chart.id, 'title', chart.title, 'data', chart.data, 'generatedAt', chart.generated_at))
$$;
comment on function chart_engine.chart_answer is 'What generate_chart answers where there is a chart to show.';

create function chart_engine.failure_answer(outcome text, failure jsonb, chart public.charts) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object('outcome', outcome, 'campaignId', chart.campaign_id, 'error', failure)
    || case when outcome = 'invalid' and length(chart.config::text) <= chart_engine.max_definition_length()
      then jsonb_build_object('definition', chart.config::text) else '{}' end
$$;
comment on function chart_engine.failure_answer is
  'What generate_chart answers where there is no chart to show. Of a wrong definition it gives the text, so that a '
  'caller can explain every mistake and not only the first: as text, since a definition may hold numbers that no JSON '
  'parser takes.';

create function chart_engine.try_chart(
  config jsonb, moment timestamptz, campaign uuid, out result jsonb, out outcome text, out failure jsonb)
language plpgsql stable set search_path = '' as $$
declare
  field text;
begin
  result := public.generate_chart_data(config, moment, campaign);
exception
  when sqlstate 'PT422' or sqlstate 'PT409' then
    get stacked diagnostics field = pg_exception_detail;
    outcome := case sqlstate when 'PT422' then 'invalid' else 'undrawable' end;
    failure := jsonb_build_object('code', 'invalid_chart', 'field', field, 'message', sqlerrm);
  when query_canceled then
    outcome := 'timeout';
    failure := jsonb_build_object('code', 'timeout', 'message', 'This chart took too long to generate.');
  when others then
    -- the message may hold values of rows; the SQLSTATE does not
    outcome := 'failed';
    failure := jsonb_build_object('code', 'database_error', 'sqlstate', sqlstate,
      'message', 'The database could not generate this chart.');
end
$$;
comment on function chart_engine.try_chart is
  'The result of a definition; or why there is none, as outcome and failure of generate_chart.';

create function public.generate_chart(
  chart_id uuid, campaigns uuid[] default null, requested_at timestamptz default null)
returns jsonb
language plpgsql security invoker
set search_path = '' set timezone = 'UTC' set statement_timeout = '25s' as $$
declare
  chart public.charts;
  version bigint;
  started timestamptz;
  attempt record;
begin
  -- asked before the lock is tried: a caller who may not generate the chart learns nothing of it and holds nobody up
  select * into chart from public.charts where charts.id = chart_id;
  if not found then
    return '{"outcome": "not_found"}';
  elsif chart.campaign_id <> all (campaigns) then
    return '{"outcome": "forbidden"}';
  elsif not pg_try_advisory_xact_lock(hashtextextended('chart:' || chart_id, 0)) then
    return jsonb_build_object('outcome', 'in_progress', 'campaignId', chart.campaign_id);
  end if;

  -- a chart that is edited meanwhile is generated again
  for attempts in 1..3 loop
    -- taken while the lock is held: later than the end of every earlier generation
    started := clock_timestamp();
    select * into chart from public.charts where charts.id = chart_id;
    if not found then
      return '{"outcome": "not_found"}';
    elsif chart.campaign_id <> all (campaigns) then
      return '{"outcome": "forbidden"}';
    elsif chart.generated_at > requested_at and chart.status = 'ready' then
      return chart_engine.chart_answer('already_generated', chart);
    end if;

    version := chart.definition_version;
    select * into attempt from chart_engine.try_chart(chart.config, started, chart.campaign_id);
    if attempt.failure is not null then
      perform public.record_chart_failure(chart_id, version, attempt.failure, attempt.outcome = 'invalid');
      return chart_engine.failure_answer(attempt.outcome, attempt.failure, chart);
    end if;

    update public.charts
    set data = attempt.result, data_version = version, generated_at = started, attempted_at = started,
      status = 'ready', error = null
    where charts.id = chart_id and charts.definition_version = version
      and (charts.generated_at is null or charts.generated_at < started or charts.data_version is distinct from version)
    returning * into chart;
    if found then
      return chart_engine.chart_answer('generated', chart);
    end if;
    select * into chart from public.charts where charts.id = chart_id and charts.definition_version = version;
    if found then
      return chart_engine.chart_answer('already_generated', chart);
    end if;
  end loop;
  return jsonb_build_object('outcome', 'in_progress', 'campaignId', chart.campaign_id);
end
$$;
comment on function public.generate_chart is
'Generates a chart and stores its data, both or neither. Answers {"outcome", "campaignId", ...}:

generated - "chart": {"id", "title", "data", "generatedAt"}
already_generated - the same. It was generated after requested_at, as for a message that is delivered twice, or the '
'database''s clock was set back and newer data of the same definition is stored.
in_progress - another call is generating it, or somebody edits it again and again. The lock ends with its transaction, '
'so that none outlives a crash.
not_found
forbidden - it belongs to none of the campaigns.
invalid - "error": {"code", "message", "field"}, which is recorded, and "definition": its text, unless it is too long. '
'Tried again after an edit only.
undrawable - the same "error", which is recorded: the rows, the campaign or the view do not fit the definition. Tried '
'again when due.
failed, timeout - "error": {"code", "message"}, which is recorded. Tried again when due.

campaigns are those in which the caller may generate charts; null stands for every campaign. A chart that is edited '
'meanwhile is generated again.';

create function public.due_charts(
  after uuid default null, page_size integer default 1000, moment timestamptz default now())
returns jsonb
language sql stable security invoker set search_path = '' as $$
  with page as (
    select id, coalesce(generated_at, created_at) as since
    from public.charts
    where refresh_interval is not null and status <> 'invalid'
      and (attempted_at is null or attempted_at + refresh_interval <= moment)
      and (after is null or id > after)
    order by id
    limit least(greatest(page_size, 1), 10000)
  ), failing as (
    select coalesce(generated_at, created_at) as since
    from public.charts
    where after is null and refresh_interval is not null and status = 'failed'
  )
  select jsonb_build_object(
    'charts', coalesce(jsonb_agg(id order by id), '[]'),
    'next', case when count(*) = least(greatest(page_size, 1), 10000) then max(id::text) end,
    'oldestAgeSeconds', coalesce(
      extract(epoch from moment - least(min(since), (select min(failing.since) from failing)))::bigint, 0))
  from page
$$;
comment on function public.due_charts is
  'A page of the charts to generate, in the order of their ids: {"charts": [id], "next": id or null, '
  '"oldestAgeSeconds"}. "next" is the "after" of the following page. An edited chart is due at once. Any other is '
  'due when its interval has passed since the last attempt, so that a failing chart is not tried more often than a '
  'good one. "oldestAgeSeconds" is of the page, and on the first page of any chart that fails, so that it counts '
  'between its attempts too.';

revoke execute on function chart_engine.chart_answer(text, public.charts) from public, anon, authenticated;
grant execute on function chart_engine.chart_answer(text, public.charts) to service_role;
revoke execute on function chart_engine.failure_answer(text, jsonb, public.charts) from public, anon, authenticated;
grant execute on function chart_engine.failure_answer(text, jsonb, public.charts) to service_role;
revoke execute on function chart_engine.try_chart(jsonb, timestamptz, uuid) from public, anon, authenticated;
grant execute on function chart_engine.try_chart(jsonb, timestamptz, uuid) to service_role;
revoke execute on function public.record_chart_failure(uuid, bigint, jsonb, boolean) from public, anon, authenticated;
grant execute on function public.record_chart_failure(uuid, bigint, jsonb, boolean) to service_role;
revoke execute on function public.generate_chart(uuid, uuid[], timestamptz) from public, anon, authenticated;
grant execute on function public.generate_chart(uuid, uuid[], timestamptz) to service_role;
revoke execute on function public.due_charts(uuid, integer, timestamptz) from public, anon, authenticated;
grant execute on function public.due_charts(uuid, integer, timestamptz) to service_role;
