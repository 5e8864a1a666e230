-- From the cells of the one statement to the rows that a chart library draws: docs/charts.md has an example of each kind.

-- One place on the axis: x counts from 1 (or is the place of a category), earlier is the label of the bucket that it is
-- compared with, begins is null but for buckets, sorted is its place when the axis is ordered by its own values. What is
-- not kept is there for running totals alone.
create type chart_engine.tick as (
  x integer, label jsonb, earlier jsonb, begins timestamptz, sorted integer, is_kept boolean);

-- What is to be drawn, beside the definition.
--   kind: 'time', 'category' or 'none'; earlier: the number of buckets of the earlier period, which may have none: a zone
--   can skip a day
create type chart_engine.frame as (kind text, compared boolean, earlier integer, moment timestamptz, target numeric);

-- What the rows' moments are cut at. One period of buckets, or two of them one after the other; without a granularity
-- each period is one bucket. bounds has one more than labels: the end. earlier is the number of buckets before starts.
create type chart_engine.cut as (period chart_engine.period, bounds timestamptz[], labels text[], earlier integer);

create function chart_engine.title_of(name text, title text) returns text
language sql immutable set search_path = '' as $$
  select coalesce(title, upper(left(name, 1)) || replace(substr(name, 2), '_', ' '))
$$;

-- A name that no value has: the first one, or else the second, with a number where it has to be. There are at most 100
-- values.
create function chart_engine.free_name(labels jsonb, first text, second text) returns jsonb
language sql immutable set search_path = '' as $$
  select to_jsonb(name)
  from (
    select 0 as place, first as name
    union all
    select n, format(second, case when n > 1 then ' ' || n else '' end) from generate_series(1, 101) as n
  ) as names
  where not labels @> to_jsonb(name) order by place limit 1
$$;

-- The label of a place: its value, or a word that is not also a value.
create function chart_engine.label_at(place integer, labels jsonb) returns jsonb
language sql immutable set search_path = '' as $$
  select case
    when place = 1000 then chart_engine.free_name(labels, 'Other', 'Other (rest%s)')
    when labels -> (place - 1) = 'null' then chart_engine.free_name(labels, '(none)', '(no value%s)')
    else labels -> (place - 1) end
$$;

create function chart_engine.category_ticks(cells chart_engine.cell[], labels jsonb) returns chart_engine.tick[]
language sql immutable set search_path = '' as $$
  select array_agg(row(k1, chart_engine.label_at(k1, labels), null, null, sorted, true)::chart_engine.tick)
  from (
    select k1, row_number() over (order by k1 = 1000, coalesce(value, 'null') = 'null',
        case jsonb_typeof(value) when 'number' then value::numeric end, value #>> '{}' collate "C")::integer as sorted
    from (select distinct k1, labels -> (k1 - 1) as value from unnest(cells)) as categories
  ) as placed
$$;

-- Buckets of the period with the label of the earlier one's bucket that has the same place in it; without "fillMissing"
-- only those that have rows are kept. The others are needed where earlier values run on through them.
create function chart_engine.time_ticks(config jsonb, cells chart_engine.cell[], cut chart_engine.cut)
returns chart_engine.tick[]
language sql immutable set search_path = '' as $$
  select array_agg(row((b - cut.earlier)::integer, to_jsonb(label),
    case when b - cut.earlier <= cut.earlier then to_jsonb(opposite) end, begun, (b - cut.earlier)::integer, is_kept
    )::chart_engine.tick)
  from (
    select b, begun, label, lag(label, cut.earlier) over (order by b) as opposite,
      config #> '{timeDimension,fillMissing}' is distinct from 'false'
        or b in (select cell.b from unnest(cells) as cell) as is_kept
    from unnest(cut.bounds, cut.labels) with ordinality as bucket (begun, label, b) where label is not null
  ) as buckets
  where b > cut.earlier and (is_kept or cut.earlier > 0 and config -> 'measures' @> '[{"runningTotal": true}]')
$$;

-- The names of series number s: of its dimensions' values, and of the fields of a row.
create function chart_engine.series_of(config jsonb, kind text, k1 integer, k2 integer, labels1 jsonb, labels2 jsonb)
returns jsonb
language sql immutable set search_path = '' as $$
  select coalesce(jsonb_object_agg(config #>> array['dimensions', i::text, 'dimension'],
    chart_engine.label_at(case i when 0 then k1 else k2 end, case i when 0 then labels1 else labels2 end)), '{}')
  from generate_series(case kind when 'category' then 1 else 0 end, jsonb_array_length(config -> 'dimensions') - 1) as i
$$;

-- {"rows": [...], "series": [...]}. Nested loops are off because the sizes of arrays are guessed at: one that joins
-- 100,000 values with 100,000 cells takes minutes, a hash join takes 0.2 s. Then all costs look huge, hence no JIT.
-- Planning takes longer than drawing: PL/pgSQL does it once a connection.
create function chart_engine.draw(
  config jsonb, frame chart_engine.frame, ticks chart_engine.tick[], cells chart_engine.cell[],
  labels1 jsonb, labels2 jsonb)
returns jsonb
language plpgsql immutable
set search_path = '' set enable_nestloop = off set jit = off set plan_cache_mode = force_generic_plan as $$
declare
  axis text := chart_engine.axis(config);
begin
  return (with cell as materialized (
    select case frame.kind when 'time' then b - case when b > frame.earlier then frame.earlier else 0 end
        when 'category' then k1 else 1 end as x,
      case frame.kind when 'time' then k1 else 0 end as k1, k2, b <= frame.earlier as is_earlier, total, measures
    from unnest(cells)
  ), split as (
    select jsonb_array_length(config -> 'dimensions') > case frame.kind when 'category' then 1 else 0 end as is_split
  ), series as (
    select k1, k2, row_number() over (order by k1, k2) as s,
      chart_engine.series_of(config, frame.kind, k1, k2, labels1, labels2) as dimensions
    from (
      select k1, k2 from cell where not total union select 0, 0 from split where not is_split
    ) as splits
  ), measure as (
    select place::integer as i, value ->> 'name' as name,
      chart_engine.title_of(value ->> 'name', value ->> 'title') as title,
      case when value ->> 'type' in ('count', 'countDistinct', 'sum') then 0 end as nothing,
      coalesce((value -> 'runningTotal')::boolean, false) as is_running
    from jsonb_array_elements(config -> 'measures') with ordinality as listed (value, place)
  ), line as materialized (
    select s, i, measure.name || case when is_split then '__' || s else '' end as field,
      nothing, is_running, k1, k2, dimensions,
      measure.name, concat_ws(': ', case when not is_split or (select count(*) > 1 from measure) then title end,
        (select string_agg(value, ' · ' order by place) from (
          select dimensions ->> (dimension ->> 'dimension') as value, place
          from jsonb_array_elements(config -> 'dimensions') with ordinality as listed (dimension, place)) as parts)) as title
    from series cross join measure cross join split
  ), tick as materialized (
    select tick.*, tick.x <= frame.earlier or frame.kind <> 'time' and frame.compared as is_compared
    from unnest(ticks) as tick
  ), point as (
    select tick.x, line.s, line.i, line.field, line.is_running,
      case when now.x is null and tick.begins > frame.moment then null
        when now.x is null then line.nothing else trim_scale(now.measures[line.i]) end as value,
      case when not tick.is_compared then null
        when earlier.x is null then line.nothing else trim_scale(earlier.measures[line.i]) end as earlier,
      now.x is not null and now.measures[line.i] is null as is_unknown,
      earlier.x is not null and earlier.measures[line.i] is null as was_unknown
    from tick cross join line
    left join cell as now on now.x = tick.x and now.k1 = line.k1 and now.k2 = line.k2
      and not now.is_earlier and not now.total
    left join cell as earlier on earlier.x = tick.x and earlier.k1 = line.k1 and earlier.k2 = line.k2
      and earlier.is_earlier and not earlier.total
  ), summed as (
    select x, s, i, field,
      case when not is_running or value is null then value
        when not bool_or(is_unknown) over so_far then sum(value) over so_far end as value,
      case when not is_running or earlier is null then earlier
        when not bool_or(was_unknown) over so_far then sum(earlier) over so_far end as earlier
    from point window so_far as (partition by s, i order by x)
  ), drawn as (
    select x, jsonb_object_agg(field, value)
        || case when frame.compared then jsonb_object_agg(field || '__previous', earlier) else '{}' end as fields
    from summed group by x
  ), wish as (
    select place, case value ->> 'direction' when 'desc' then -1 else 1 end as sign,
      (select i from measure where name = value ->> 'member') as i
    from jsonb_array_elements(config -> 'order') with ordinality as listed (value, place)
  ), sorted as (
    select tick.x, array_agg(coalesce(wish.sign * case when wish.i is null then tick.sorted
        when cell.x is null and tick.begins > frame.moment then null
        when cell.x is null then (select nothing from measure where measure.i = wish.i)
        else cell.measures[wish.i] end, 'Infinity')
      order by wish.place) as keys
    from tick cross join wish
    left join cell on cell.x = tick.x and not cell.is_earlier and cell.total = (select is_split from split)
    group by tick.x
  ), chosen as (
    select row_number() over (order by frame.kind = 'category' and tick.x = 1000, sorted.keys, tick.x) as place,
      coalesce(drawn.fields, '{}')
        || case when frame.target is not null then jsonb_build_object('target', frame.target) else '{}' end
        || case when frame.kind = 'none' then '{}' else jsonb_build_object(axis, tick.label) end
        || case when frame.kind = 'time' and frame.compared
          then jsonb_build_object(axis || '__previous', tick.earlier) else '{}' end as fields
    from tick left join drawn using (x) left join sorted using (x) where tick.is_kept
  )
  select jsonb_build_object(
    'rows', coalesce(
      (select jsonb_agg(fields order by place) from chosen where place <= (config -> 'limit')::integer), '[]'),
    'series', (
      select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('field', field, 'name', title, 'measure', name,
        'role', role, 'dimensions', nullif(dimensions, '{}'))) order by s nulls last, i, role desc), '[]')
      from (
        select s, i, field, title, name, 'value' as role, dimensions from line
        union all
        select s, i, field || '__previous', title || ' (previous period)', name, 'previous', dimensions
        from line where frame.compared
        union all
        select null, null, 'target', coalesce(config #>> '{target,title}', 'Target'), null, 'target', null
        where frame.target is not null
      ) as listed)));
end
$$;

-- The goal of the campaign that a chart belongs to; PT422 where there is none.
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

-- The period of a time dimension without a date range: from the bucket of its first value to that of its last.
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
  if is_far then  -- a date may be too far away for a moment
    perform chart_engine.refuse_for_now('timeDimension', 'There are rows before the year 2 or after 9997.');
  elsif first is null then
    return null;
  end if;
  period.starts := (chart_engine.bucket_around(first, unit, calendar)).begins;
  period.ends := (chart_engine.bucket_around(last, unit, calendar)).ends;
  return period;
end
$$;

-- That no result outgrows what a chart library draws. How many series there are is for the rows to say.
create function chart_engine.check_size(kind text, ticks integer, cells chart_engine.cell[], measures integer)
returns void
language plpgsql immutable set search_path = '' as $$
declare
  series bigint := (
    select count(distinct (case kind when 'time' then k1 else 0 end, k2)) from unnest(cells) as cell where not total);
begin
  if cardinality(cells) > 100000 or ticks * greatest(series, 1) * measures > 100000 then
    perform chart_engine.refuse_for_now('',
      'This makes more than 100000 numbers: take fewer buckets, dimensions'' values or measures.');
  end if;
end
$$;

-- The result, unless it outgrows an answer of Lambda: 6,291,456 bytes, in which it lies as text of JSON, so that quotes
-- and backslashes take twice their room. What is left of that is for what stands around it.
-- https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
create function chart_engine.fitting(result jsonb) returns jsonb
language plpgsql immutable set search_path = '' as $$
declare
  written text := result::text;
begin
  if octet_length(written) + length(written) - length(translate(written, '"\', '')) > 6000000 then
    perform chart_engine.refuse_for_now('',
      'This makes a result of more than 6 MB: take fewer buckets, dimensions'' values or measures, or shorter names.');
  end if;
  return result;
end
$$;

create function chart_engine.cut_of(time_dimension jsonb, zone text, period chart_engine.period) returns chart_engine.cut
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

-- The same for a column that is a date, and for one that is a timestamp without a zone. Both count as UTC.
create function chart_engine.dates_of(moments timestamptz[]) returns date[]
language sql stable set search_path = '' as $$
  select array(select (moment at time zone 'UTC')::date
    from unnest(moments) with ordinality as listed (moment, place) order by place)
$$;

create function chart_engine.clocks_of(moments timestamptz[]) returns timestamp[]
language sql stable set search_path = '' as $$
  select array(select moment at time zone 'UTC'
    from unnest(moments) with ordinality as listed (moment, place) order by place)
$$;

-- The instants at which a period of dates begins and ends by the clocks of the zone.
create function chart_engine.instants_of(period chart_engine.period, kind text, zone text) returns chart_engine.period
language sql stable set search_path = '' as $$
  select case kind when 'date' then chart_engine.local_period(period.earlier at time zone 'UTC',
    period.starts at time zone 'UTC', period.ends at time zone 'UTC', zone) else period end
$$;

-- What the result says beside its rows and series.
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

-- The result of a definition, as it stands in charts.data.
--
-- moment is "now" for relative ranges. campaign restricts the rows to those of one campaign where the source has a
-- column campaign_id. What is wrong with the definition is raised as PT422, and so is what cannot be drawn for now.
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

  if kind <> 'time' or cut.bounds is not null then  -- else there is no row
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
  return chart_engine.fitting(chart_engine.heading(definition, kind, cut, moment)
    || chart_engine.draw(definition, frame, ticks, cells, labels1, labels2));
end
$$;

revoke execute on all functions in schema chart_engine from public, anon, authenticated;
grant execute on all functions in schema chart_engine to service_role;
revoke execute on function public.generate_chart_data(jsonb, timestamptz, uuid) from public, anon, authenticated;
grant execute on function public.generate_chart_data(jsonb, timestamptz, uuid) to service_role;
