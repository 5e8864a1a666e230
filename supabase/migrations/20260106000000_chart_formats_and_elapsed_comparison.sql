-- Numbers that say how they are written, a comparison with the same part of an earlier period, and unknown settings that
-- are named where they stand.

create or replace function chart_engine.check_object(value jsonb, field text, required text[], optional text[])
returns void
language plpgsql immutable set search_path = '' as $$
declare
  known text[] := required || optional;
  unknown text;
  missing text;
begin
  if jsonb_typeof(value) is distinct from 'object' then
    perform chart_engine.refuse(field, 'This must be an object.');
  end if;
  -- before what is missing: a misspelt setting is both
  unknown := (select key from jsonb_object_keys(value) as key where key <> all (known) limit 1);
  missing := (select name from unnest(required) as name where not value ? name limit 1);
  if unknown is not null then
    perform chart_engine.refuse(concat_ws('.', nullif(field, ''), left(unknown, 100)),
      format('There is no setting of this name here. Known are: %s.', array_to_string(known, ', ')));
  elsif missing is not null then
    perform chart_engine.refuse(concat_ws('.', nullif(field, ''), missing), 'This is required.');
  end if;
end
$$;

create function chart_engine.check_format(value jsonb, field text) returns void
language plpgsql immutable set search_path = '' as $$
declare
  styles text[] := '{number,percent,currency}';
begin
  if value is null then
    return;
  elsif jsonb_typeof(value) = 'string' then
    perform chart_engine.check_choice(value, field, styles);
    return;
  end if;
  perform chart_engine.check_object(value, field, '{style}', '{decimals,currency,grouping}');
  perform chart_engine.check_choice(value -> 'style', field || '.style', styles);
  perform chart_engine.check_flag(value -> 'grouping', field || '.grouping');
  if value ? 'decimals' then
    perform chart_engine.check_integer(value -> 'decimals', field || '.decimals', 0, 6);
  end if;
  if value ? 'currency' then
    perform chart_engine.check_text(value -> 'currency', field || '.currency', '^[A-Z]{3}$',
      'This must be a currency''s code of three letters, such as USD.');
  end if;
end
$$;
comment on function chart_engine.check_format is
  'Checks how a measure''s numbers are written: a style, or an object with one.';

create function chart_engine.format_of(format jsonb) returns jsonb
language sql immutable set search_path = '' as $$
  select case jsonb_typeof(format) when 'string' then jsonb_build_object('style', format) else format end
$$;
comment on function chart_engine.format_of is 'How a measure''s numbers are written, always as an object.';

create or replace function chart_engine.check_measure(measure jsonb, field text, has_buckets boolean) returns void
language plpgsql immutable set search_path = '' as $$
begin
  perform chart_engine.check_object(measure, field, '{name,type}', '{field,title,format,runningTotal}');
  perform chart_engine.check_name(measure -> 'name', field || '.name');
  if chart_engine.is_reserved(measure ->> 'name') then
    perform chart_engine.refuse(field || '.name', 'The name "target" and names with "__" are taken by the result.');
  end if;
  perform chart_engine.check_choice(measure -> 'type', field || '.type', '{count,countDistinct,sum,avg,min,max}');
  perform chart_engine.check_title(measure -> 'title', field || '.title');
  perform chart_engine.check_format(measure -> 'format', field || '.format');
  if (measure ->> 'type' = 'count') = (measure ? 'field') then
    perform chart_engine.refuse(field || '.field',
      'Every type of measure needs a field, save count, which takes none.');
  elsif measure ? 'field' then
    perform chart_engine.check_name(measure -> 'field', field || '.field');
  end if;
  perform chart_engine.check_flag(measure -> 'runningTotal', field || '.runningTotal');
  if (measure -> 'runningTotal')::boolean and (not has_buckets or measure ->> 'type' not in ('count', 'sum')) then
    perform chart_engine.refuse(field || '.runningTotal',
      'A running total takes a count or a sum, and a time dimension with a granularity.');
  end if;
end
$$;

create or replace function chart_engine.check_time_dimension(dimension jsonb) returns void
language plpgsql immutable set search_path = '' as $$
begin
  perform chart_engine.check_object(
    dimension, 'timeDimension', '{dimension}', '{granularity,dateRange,fillMissing,compare,title}');
  perform chart_engine.check_name(dimension -> 'dimension', 'timeDimension.dimension');
  perform chart_engine.check_title(dimension -> 'title', 'timeDimension.title');
  perform chart_engine.check_flag(dimension -> 'fillMissing', 'timeDimension.fillMissing');
  if dimension ? 'granularity' then
    perform chart_engine.check_choice(
      dimension -> 'granularity', 'timeDimension.granularity', '{hour,day,week,month,quarter,year}');
  elsif not dimension ? 'dateRange' then
    perform chart_engine.refuse('timeDimension', 'A time dimension needs a granularity, a date range, or both.');
  end if;
  if dimension ? 'compare' then
    perform chart_engine.check_choice(
      dimension -> 'compare', 'timeDimension.compare', '{previousPeriod,sameElapsed}');
    if not dimension ? 'dateRange' then
      perform chart_engine.refuse('timeDimension.compare', 'A comparison needs a date range.');
    end if;
  end if;
end
$$;

create function chart_engine.elapsed_end(
  time_dimension jsonb, kind text, zone text, period chart_engine.period, moment timestamptz)
returns timestamptz
language plpgsql stable set search_path = '' as $$
declare
  calendar text := chart_engine.calendar_of(kind, zone);
  here timestamptz := chart_engine.now_of(kind, zone, moment);
  elapsed interval := (here at time zone calendar) - (period.starts at time zone calendar);
begin
  if here >= period.ends then
    return period.starts;
  elsif here <= period.starts then
    return period.earlier;
  elsif time_dimension ->> 'dateRange' ~* 'hour' then
    return least(period.starts, period.earlier + (here - period.starts));
  elsif kind = 'date' then
    elapsed := date_trunc('day', elapsed) + interval '1 day';  -- a date has no time of day: today counts as a whole
  end if;
  return least(period.starts, chart_engine.instant((period.earlier at time zone calendar) + elapsed, calendar));
end
$$;
comment on function chart_engine.elapsed_end is
  'Where the part of the earlier period ends that is as long as what has passed of the period by now: all of it, '
  'where the period is over. By the clocks of the zone, except for ranges of hours.';

alter type chart_engine.frame add attribute same_elapsed boolean;
comment on type chart_engine.frame is
  'What to draw, beside the definition. kind: "time", "category" or "none". earlier: the number of buckets of the '
  'earlier period; it may have none even if compared, as a zone can skip a day. same_elapsed: whether of the earlier '
  'period only the part counts that has passed of this one.';

create or replace function chart_engine.draw_points(
  frame chart_engine.frame, ticks chart_engine.tick[], lines chart_engine.line[], cells chart_engine.placed_cell[])
returns table (x integer, fields jsonb)
language plpgsql immutable set search_path = '' as $$
#variable_conflict use_column
begin
  return query
    with cell as materialized (
      select * from unnest(cells) where not total
    ), tick as (
      select x, begins > frame.moment as is_to_come,
        (x <= frame.earlier or frame.kind <> 'time' and frame.compared)
          and not (frame.same_elapsed and coalesce(begins > frame.moment, false)) as is_compared
      from unnest(ticks)
    ), point as (
      select tick.x, line.s, line.i, line.field, line.is_running,
        case when now.x is not null then trim_scale(now.measures[line.i])
          when tick.is_to_come then null else line.zero end as value,
        case when not tick.is_compared then null
          when earlier.x is not null then trim_scale(earlier.measures[line.i]) else line.zero end as earlier,
        now.x is not null and now.measures[line.i] is null as is_unknown,
        earlier.x is not null and earlier.measures[line.i] is null as was_unknown
      from tick cross join unnest(lines) as line
      left join cell as now
        on now.x = tick.x and now.k1 = line.k1 and now.k2 = line.k2 and not now.is_earlier
      left join cell as earlier
        on earlier.x = tick.x and earlier.k1 = line.k1 and earlier.k2 = line.k2 and earlier.is_earlier
    ), summed as (
      select x, field,
        case when not is_running or value is null then value
          when not bool_or(is_unknown) over so_far then sum(value) over so_far end as value,
        case when not is_running or earlier is null then earlier
          when not bool_or(was_unknown) over so_far then sum(earlier) over so_far end as earlier
      from point window so_far as (partition by s, i order by x)
    )
    select x, jsonb_object_agg(field, value)
      || case when frame.compared then jsonb_object_agg(field || '__previous', earlier) else '{}' end
    from summed group by x;
end
$$;

create or replace function chart_engine.describe_series(config jsonb, frame chart_engine.frame, lines chart_engine.line[])
returns jsonb
language plpgsql immutable set search_path = '' as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('field', field, 'name', title, 'measure', measure,
      'type', definition -> 'type', 'format', chart_engine.format_of(definition -> 'format'),
      'role', role, 'dimensions', nullif(dimensions, '{}'))) order by s nulls last, i, role desc), '[]')
    from (
      select s, i, field, title, measure, 'value' as role, dimensions from unnest(lines)
      union all
      select s, i, field || '__previous', title || case when frame.same_elapsed
        then ' (previous period to date)' else ' (previous period)' end, measure, 'previous', dimensions
      from unnest(lines) where frame.compared
      union all
      select null, null, 'target', coalesce(config #>> '{target,title}', 'Target'), null, 'target', null
      where frame.target is not null
    ) as listed
    left join jsonb_array_elements(config -> 'measures') with ordinality as measured (definition, place)
      on measured.place = listed.i);
end
$$;
comment on function chart_engine.describe_series is
  'What the result says of each field of its rows, save the axis: its title, measure, format, role and values.';

create or replace function public.generate_chart_data(config jsonb, moment timestamptz default now(), campaign uuid default null)
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
  elapsed_end timestamptz;  -- where the earlier period ends, if it is to be no longer than what has passed of this one
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
  if time_dimension ->> 'compare' = 'sameElapsed' then
    elapsed_end := chart_engine.elapsed_end(time_dimension, time_kind, zone, period, moment);
    moments := moments || array[elapsed_end, period.starts];
    condition := format('(%1$s) and (source.%2$I < %3$s[%4$s] or source.%2$I >= %3$s[%4$s + 1])', condition,
      time_dimension ->> 'dimension', chart_engine.moments_for(time_kind, 2), cardinality(moments) - 1);
  end if;
  cut := chart_engine.cut_of(time_dimension, chart_engine.calendar_of(time_kind, zone), period);
  frame := row(kind, coalesce(time_dimension ? 'compare', false), cut.earlier,
    chart_engine.now_of(time_kind, zone, moment), chart_engine.target_of(definition -> 'target', campaign),
    elapsed_end is not null);

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
  if elapsed_end is not null then
    result := jsonb_set(result, '{previousRange,to}', to_jsonb(case time_kind
      when 'date' then chart_engine.instant(elapsed_end at time zone 'UTC', zone) else elapsed_end end));
  end if;
  perform chart_engine.check_result_size(result);
  return result;
end
$$;

revoke execute on all functions in schema chart_engine from public, anon, authenticated;
grant execute on all functions in schema chart_engine to service_role;
