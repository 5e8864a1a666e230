-- The way in: from a definition to its result.

create function chart_engine.target_of(target jsonb, campaign uuid) returns numeric
language plpgsql stable set search_path = '' as $$
declare
  goal numeric := coalesce((target -> 'value')::numeric,
    (select campaigns.goal from chart_sources.campaigns where campaigns.campaign_id = campaign));
begin
  if target is not null and goal is null then
    perform chart_engine.refuse_for_now('target.from', 'The campaign has no goal.');
  end if;
  return case when target is not null then goal end;
end
$$;
comment on function chart_engine.target_of is
  'The number to reach: the target''s own, or the goal of the chart''s campaign. PT409 where the campaign has none.';

create function chart_engine.dates_of(moments timestamptz[]) returns date[]
language sql stable set search_path = '' as $$
  select array(select (moment at time zone 'UTC')::date
    from unnest(moments) with ordinality as listed (moment, place) order by place)
$$;
comment on function chart_engine.dates_of is 'The moments as dates of UTC, to compare a column of dates with.';

create function chart_engine.clocks_of(moments timestamptz[]) returns timestamp[]
language sql stable set search_path = '' as $$
  select array(select moment at time zone 'UTC'
    from unnest(moments) with ordinality as listed (moment, place) order by place)
$$;
comment on function chart_engine.clocks_of is
  'The moments as local times of UTC, to compare a column of timestamps without a zone with.';

create function chart_engine.whole_period(
  config jsonb, columns jsonb, condition text, scoped boolean, moments timestamptz[], campaign uuid)
returns chart_engine.period
language plpgsql stable set search_path = '' set timezone = 'UTC' as $$
declare
  field text := config #>> '{timeDimension,dimension}';
  unit text := config #>> '{timeDimension,granularity}';
  calendar text := chart_engine.calendar_of(columns ->> field, chart_engine.zone_of(config));
  period chart_engine.period;
  is_far boolean;
  first timestamptz;
  last timestamptz;
begin
  -- a date may be too far away to be a moment
  execute format(
    'select first < ''0002-01-01'' or last > ''9998-01-01'',
       case when first between ''0002-01-01'' and ''9998-01-01'' then first::timestamptz end,
       case when last between ''0002-01-01'' and ''9998-01-01'' then last::timestamptz end
     from (
       select min(source.%1$I) as first, max(source.%1$I) as last from chart_sources.%2$I as source
       where %3$s%4$s and source.%1$I > ''-infinity'' and source.%1$I < ''infinity''
     ) as edges',
    field, config ->> 'source', condition, case when scoped then ' and source.campaign_id = $8' else '' end)
  into is_far, first, last
  using config, moments, chart_engine.dates_of(moments), chart_engine.clocks_of(moments),
    null::text, null::text, null::text, campaign;
  if is_far then
    perform chart_engine.refuse_for_now('timeDimension', 'There are rows before the year 2 or after 9997.');
  elsif first is null then
    return null;
  end if;
  period.starts := (chart_engine.bucket_around(first, unit, calendar)).begins;
  period.ends := (chart_engine.bucket_around(last, unit, calendar)).ends;
  return period;
end
$$;
comment on function chart_engine.whole_period is
  'The period of a time dimension without a date range: from the bucket of its first value to that of its last.';

create function chart_engine.cut_of(time_dimension jsonb, zone text, period chart_engine.period)
returns chart_engine.cut
language plpgsql stable set search_path = '' as $$
declare
  granularity text := time_dimension ->> 'granularity';
  begin_at timestamptz := case when time_dimension ? 'compare' then period.earlier else period.starts end;
  cut chart_engine.cut := row(period, null, null, 0);
begin
  if period.starts is null then
    return cut;
  elsif granularity is null then
    cut.earlier := (time_dimension ? 'compare')::integer;
    cut.bounds := case cut.earlier when 1 then array[begin_at] else '{}' end || array[period.starts, period.ends];
    return cut;
  end if;
  perform chart_engine.check_buckets(granularity, period, not time_dimension ? 'dateRange');
  select array_agg(begins order by begins) || period.ends, array_agg(label order by begins),
    count(*) filter (where begins < period.starts)
  into cut.bounds, cut.labels, cut.earlier
  from (
    select * from chart_engine.buckets(granularity, zone, begin_at, period.starts) where begin_at < period.starts
    union all
    select * from chart_engine.buckets(granularity, zone, period.starts, period.ends)
  ) as buckets;
  return cut;
end
$$;
comment on function chart_engine.cut_of is 'Cuts a period, and the one that it is compared with, into buckets.';

create function chart_engine.instants_of(period chart_engine.period, kind text, zone text) returns chart_engine.period
language sql stable set search_path = '' as $$
  select case kind when 'date' then chart_engine.local_period(period.earlier at time zone 'UTC',
    period.starts at time zone 'UTC', period.ends at time zone 'UTC', zone) else period end
$$;
comment on function chart_engine.instants_of is
  'The period as the result tells it: a period of dates begins and ends by the clocks of the zone.';

create function chart_engine.check_size(kind text, ticks integer, cells chart_engine.cell[], measures integer)
returns void
language plpgsql immutable set search_path = '' as $$
declare
  -- only the rows tell how many series there are
  series bigint := (
    select count(distinct (case kind when 'time' then k1 else 0 end, k2)) from unnest(cells) as cell where not total);
begin
  if cardinality(cells) > chart_engine.max_numbers()
    or ticks * greatest(series, 1) * measures > chart_engine.max_numbers() then
    perform chart_engine.refuse_for_now('', format(
      'This makes more than %s numbers: take fewer buckets, dimensions'' values or measures.',
      chart_engine.max_numbers()));
  end if;
end
$$;
comment on function chart_engine.check_size is
  'Checks, before it is drawn, that a chart has no more than max_numbers().';

create function chart_engine.check_result_size(result jsonb) returns void
language plpgsql immutable set search_path = '' as $$
declare
  written text := result::text;
  -- the result travels as text inside JSON, where quotes and backslashes take two bytes
  escaped integer := length(written) - length(translate(written, '"\', ''));
begin
  if octet_length(written) + escaped > chart_engine.max_result_bytes() then
    perform chart_engine.refuse_for_now('', format(
      'This makes a result of more than %s MB: take fewer buckets, dimensions'' values or measures, or shorter names.',
      chart_engine.max_result_bytes() / 1000000));
  end if;
end
$$;
comment on function chart_engine.check_result_size is
  'Checks that a result fits into an answer of Lambda. '
  'https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html';

create function chart_engine.heading(config jsonb, kind text, cut chart_engine.cut, moment timestamptz) returns jsonb
language sql stable set search_path = '' set timezone = 'UTC' as $$
  select jsonb_build_object(
    'version', 1, 'chartType', config -> 'chartType', 'timezone', config -> 'timezone', 'generatedAt', moment)
    || jsonb_strip_nulls(jsonb_build_object(
      'granularity', config #> '{timeDimension,granularity}',
      'range', case when (cut.period).starts is not null
        then jsonb_build_object('from', (cut.period).starts, 'to', (cut.period).ends) end,
      'previousRange', case when config #> '{timeDimension,compare}' is not null
        then jsonb_build_object('from', (cut.period).earlier, 'to', (cut.period).starts) end,
      'axis', case when kind <> 'none' then jsonb_build_object(
        'field', chart_engine.axis(config), 'type', kind,
        'name', chart_engine.title_of(chart_engine.axis(config), config #>> case kind
          when 'time' then '{timeDimension,title}'::text[] else '{dimensions,0,title}' end)) end))
$$;
comment on function chart_engine.heading is 'What a result says beside its rows and series.';

create function public.generate_chart_data(config jsonb, moment timestamptz default now(), campaign uuid default null)
returns jsonb
language plpgsql stable security invoker
set search_path = '' set timezone = 'UTC' set datestyle = 'ISO, YMD' set statement_timeout = '25s' as $$
declare
  definition jsonb := chart_engine.check_definition(config);
  columns jsonb := chart_engine.check_columns(definition);
  scoped boolean := chart_engine.is_scoped(definition ->> 'source', campaign);
  zone text := chart_engine.zone_of(definition);
  time_dimension jsonb := definition -> 'timeDimension';
  time_kind text := columns ->> (time_dimension ->> 'dimension');
  kind text := case when time_dimension ? 'granularity' then 'time'
    when jsonb_array_length(definition -> 'dimensions') > 0 then 'category' else 'none' end;
  moments timestamptz[];
  condition text;
  period chart_engine.period;
  cut chart_engine.cut;
  frame chart_engine.frame;
  cells chart_engine.cell[];
  labels1 jsonb;
  labels2 jsonb;
  ticks chart_engine.tick[];
  result jsonb;
begin
  select made.moments, made.condition into moments, condition from chart_engine.group_condition(
    definition -> 'filters', 'and', 'filters', 0, columns, zone, moment, '{}') as made;
  if time_dimension ? 'dateRange' then
    period := chart_engine.period_of(
      time_dimension -> 'dateRange', time_kind, 'timeDimension.dateRange', zone, moment);
  elsif time_dimension is not null then
    period := chart_engine.whole_period(definition, columns, condition, scoped, moments, campaign);
  end if;
  cut := chart_engine.cut_of(time_dimension, chart_engine.calendar_of(time_kind, zone), period);
  frame := row(kind, coalesce(time_dimension ? 'compare', false), cut.earlier,
    chart_engine.now_of(time_kind, zone, moment), chart_engine.target_of(definition -> 'target', campaign));

  if kind <> 'time' or cut.bounds is not null then  -- otherwise no row has a moment
    execute chart_engine.query_of(definition, columns, condition, scoped)
    into cells, labels1, labels2
    using definition, moments, chart_engine.dates_of(moments), chart_engine.clocks_of(moments),
      cut.bounds, chart_engine.dates_of(cut.bounds), chart_engine.clocks_of(cut.bounds), campaign, cut.earlier;
  end if;
  ticks := case kind
    when 'time' then chart_engine.time_ticks(definition, cells, cut)
    when 'category' then chart_engine.category_ticks(cells, labels1)
    else array[row(1, null, null, null, 1, true)::chart_engine.tick] end;
  perform chart_engine.check_size(kind, cardinality(ticks), cells, jsonb_array_length(definition -> 'measures'));
  cut.period := chart_engine.instants_of(cut.period, time_kind, zone);
  result := chart_engine.heading(definition, kind, cut, moment)
    || chart_engine.draw_chart(definition, frame, ticks, cells, labels1, labels2);
  perform chart_engine.check_result_size(result);
  return result;
end
$$;
comment on function public.generate_chart_data is
  'The result of a chart definition, as charts.data holds it. Writes nothing. "moment" is what relative date ranges '
  'count from. With a campaign, only its rows count, where the source has a column campaign_id. Raises PT422 where '
  'the definition is wrong, and PT409 where it cannot be drawn with the rows as they are now.';

revoke execute on all functions in schema chart_engine from public, anon, authenticated;
grant execute on all functions in schema chart_engine to service_role;
revoke execute on function public.generate_chart_data(jsonb, timestamptz, uuid) from public, anon, authenticated;
grant execute on function public.generate_chart_data(jsonb, timestamptz, uuid) to service_role;
