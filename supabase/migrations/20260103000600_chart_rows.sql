-- From the cells that the statement answers to the rows and series that a chart library draws.
--
-- A chart has ticks along its axis, and a line for each series and measure. The steps, in the order in which
-- draw_chart() takes them:
--
-- | function        | makes                                                        |
-- | --------------- | ------------------------------------------------------------ |
-- | place_cells     | cells with their tick on the axis instead of their bucket    |
-- | lines_of        | the lines, with their fields and titles                      |
-- | draw_points     | for each tick, the values of all lines                       |
-- | order_ticks     | for each tick, what to order its row by                      |
-- | draw_rows       | the rows, ordered and cut off at the limit                   |
-- | describe_series | what the result says of each of its fields                   |
--
-- time_ticks() and category_ticks() make the ticks.

create type chart_engine.frame as (kind text, compared boolean, earlier integer, moment timestamptz, target numeric);
comment on type chart_engine.frame is
  'What to draw, beside the definition. kind: "time", "category" or "none". earlier: the number of buckets of the '
  'earlier period; it may have none even if compared, as a zone can skip a day.';

create type chart_engine.cut as (period chart_engine.period, bounds timestamptz[], labels text[], earlier integer);
comment on type chart_engine.cut is
  'Where to cut the moments of the rows: the buckets of one period, or of two, one after the other. Without a '
  'granularity each period is one bucket. bounds has one more than labels: the end. earlier: the number of buckets '
  'before the period.';

create type chart_engine.tick as (
  x integer, label jsonb, earlier jsonb, begins timestamptz, sorted integer, is_kept boolean);
comment on type chart_engine.tick is
  'A place on the axis. x: its number from 1, or the place of a category. earlier: the label of the bucket that it '
  'is compared with. begins: null but for buckets. sorted: its place where the axis is ordered by its own values. A '
  'tick that is not kept has no row: running totals alone need it.';

create type chart_engine.placed_cell as (
  x integer, k1 integer, k2 integer, is_earlier boolean, total boolean, measures numeric[]);
comment on type chart_engine.placed_cell is
  'A cell at a tick. k1 and k2: the places of the dimensions that split it into series, 0 where they do not.';

create type chart_engine.line as (
  s bigint, k1 integer, k2 integer, dimensions jsonb,
  i integer, measure text, zero numeric, is_running boolean, field text, title text);
comment on type chart_engine.line is
  'Measure number i of series number s. dimensions: the values of the series. zero: what the measure is where there '
  'are no rows. field: its name in a row. title: its name for a person.';

create function chart_engine.title_of(name text, title text) returns text
language sql immutable set search_path = '' as $$
  select coalesce(title, upper(left(name, 1)) || replace(substr(name, 2), '_', ' '))
$$;
comment on function chart_engine.title_of is 'The title, or one made of the name.';

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
comment on function chart_engine.free_name is
  'The first of these names that is no label: the first one, the second one, the second one with a number. There '
  'are at most 100 labels.';

create function chart_engine.label_at(place integer, labels jsonb) returns jsonb
language sql immutable set search_path = '' as $$
  select case
    when place = chart_engine.other_place() then chart_engine.free_name(labels, 'Other', 'Other (rest%s)')
    when labels -> (place - 1) = 'null' then chart_engine.free_name(labels, '(none)', '(no value%s)')
    else labels -> (place - 1) end
$$;
comment on function chart_engine.label_at is
  'The label of a place: its value, or for "Other" and for a missing value a name that no value has.';

create function chart_engine.category_ticks(cells chart_engine.cell[], labels jsonb) returns chart_engine.tick[]
language sql immutable set search_path = '' as $$
  select array_agg(row(k1, chart_engine.label_at(k1, labels), null, null, sorted, true)::chart_engine.tick)
  from (
    select k1, row_number() over (
        order by k1 = chart_engine.other_place(), coalesce(value, 'null') = 'null',
          case jsonb_typeof(value) when 'number' then value::numeric end, value #>> '{}' collate "C"
      )::integer as sorted
    from (select distinct k1, labels -> (k1 - 1) as value from unnest(cells)) as categories
  ) as placed
$$;
comment on function chart_engine.category_ticks is 'The ticks of a category axis: the values of the first dimension.';

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
comment on function chart_engine.time_ticks is
  'The ticks of a time axis: the buckets of the period, each with the label of the bucket that has the same place '
  'in the earlier period. Without "fillMissing", buckets without rows are not kept; they are there where earlier '
  'values run on through them.';

create function chart_engine.is_split(config jsonb, kind text) returns boolean
language sql immutable set search_path = '' as $$
  select jsonb_array_length(config -> 'dimensions') > case kind when 'category' then 1 else 0 end
$$;
comment on function chart_engine.is_split is 'Whether the dimensions split the measures into series.';

create function chart_engine.place_cells(frame chart_engine.frame, cells chart_engine.cell[])
returns chart_engine.placed_cell[]
language sql immutable set search_path = '' as $$
  select array_agg(row(
    case frame.kind when 'time' then b - case when b > frame.earlier then frame.earlier else 0 end
      when 'category' then k1 else 1 end,
    case frame.kind when 'time' then k1 else 0 end,
    k2, b <= frame.earlier, total, measures)::chart_engine.placed_cell)
  from unnest(cells)
$$;
comment on function chart_engine.place_cells is
  'The cells at their ticks. A cell of the earlier period lies at the tick that it is compared with.';

create function chart_engine.series_of(config jsonb, kind text, k1 integer, k2 integer, labels1 jsonb, labels2 jsonb)
returns jsonb
language sql immutable set search_path = '' as $$
  select coalesce(jsonb_object_agg(config #>> array['dimensions', i::text, 'dimension'],
    chart_engine.label_at(case i when 0 then k1 else k2 end, case i when 0 then labels1 else labels2 end)), '{}')
  from generate_series(case kind when 'category' then 1 else 0 end, jsonb_array_length(config -> 'dimensions') - 1) as i
$$;
comment on function chart_engine.series_of is 'The values of a series, as {dimension: label}.';

create function chart_engine.series_title(config jsonb, dimensions jsonb) returns text
language sql immutable set search_path = '' as $$
  select string_agg(dimensions ->> (value ->> 'dimension'), ' · ' order by place)
  from jsonb_array_elements(config -> 'dimensions') with ordinality as listed (value, place)
$$;
comment on function chart_engine.series_title is 'The values of a series as one text, in the order of the dimensions.';

create function chart_engine.measures_of(config jsonb)
returns table (i integer, name text, title text, zero numeric, is_running boolean)
language sql immutable set search_path = '' as $$
  select place::integer, value ->> 'name', chart_engine.title_of(value ->> 'name', value ->> 'title'),
    case when value ->> 'type' in ('count', 'countDistinct', 'sum') then 0 end,
    coalesce((value -> 'runningTotal')::boolean, false)
  from jsonb_array_elements(config -> 'measures') with ordinality as listed (value, place)
$$;
comment on function chart_engine.measures_of is
  'The measures of a definition by their numbers. zero: what a measure is where there are no rows.';

create function chart_engine.lines_of(
  config jsonb, kind text, cells chart_engine.placed_cell[], labels1 jsonb, labels2 jsonb)
returns chart_engine.line[]
language plpgsql immutable set search_path = '' as $$
declare
  is_split boolean := chart_engine.is_split(config, kind);
  has_one_measure boolean := jsonb_array_length(config -> 'measures') = 1;
begin
  return (
    with split as (
      select distinct k1, k2 from unnest(cells) where is_split and not total union all select 0, 0 where not is_split
    ), series as (
      select row_number() over (order by k1, k2) as s, k1, k2,
        chart_engine.series_of(config, kind, k1, k2, labels1, labels2) as dimensions
      from split
    )
    select array_agg(row(
      s, k1, k2, dimensions, i, name, zero, is_running,
      name || case when is_split then '__' || s else '' end,
      concat_ws(': ', case when not (is_split and has_one_measure) then title end,
        chart_engine.series_title(config, dimensions)))::chart_engine.line)
    from series cross join chart_engine.measures_of(config));
end
$$;
comment on function chart_engine.lines_of is
  'The lines of a chart: a series for each combination of values that has cells, and in it a line for each measure.';

create function chart_engine.draw_points(
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
        x <= frame.earlier or frame.kind <> 'time' and frame.compared as is_compared
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
comment on function chart_engine.draw_points is
  'The values of all lines at each tick, as {field: value}. A tick without rows has the measure''s zero; one that '
  'has not begun has null. A running total adds up from the first tick, and is null from a value that is not known '
  'on.';

create function chart_engine.order_ticks(
  config jsonb, frame chart_engine.frame, ticks chart_engine.tick[], cells chart_engine.placed_cell[])
returns table (x integer, keys numeric[])
language plpgsql immutable set search_path = '' as $$
#variable_conflict use_column
declare
  -- a row that is split into series is ordered by what the measure is over all of them
  of_totals boolean := chart_engine.is_split(config, frame.kind);
begin
  return query
    with wish as (
      select place, case value ->> 'direction' when 'desc' then -1 else 1 end as sign, measure.i, measure.zero
      from jsonb_array_elements(config -> 'order') with ordinality as listed (value, place)
      left join chart_engine.measures_of(config) as measure on measure.name = value ->> 'member'
    )
    select tick.x, array_agg(
      coalesce(wish.sign * case when wish.i is null then tick.sorted
        when cell.x is not null then cell.measures[wish.i]
        when tick.begins > frame.moment then null else wish.zero end, 'Infinity')
      order by wish.place)
    from unnest(ticks) as tick cross join wish
    left join unnest(cells) as cell on cell.x = tick.x and not cell.is_earlier and cell.total = of_totals
    group by tick.x;
end
$$;
comment on function chart_engine.order_ticks is
  'What to order the row of each tick by: a number for each wish in "order". What is not known comes last.';

create function chart_engine.draw_rows(
  config jsonb, frame chart_engine.frame, ticks chart_engine.tick[], lines chart_engine.line[],
  cells chart_engine.placed_cell[])
returns jsonb
language plpgsql immutable set search_path = '' as $$
declare
  axis text := chart_engine.axis(config);
begin
  return (
    with ordered as (
      select row_number() over (
          order by frame.kind = 'category' and tick.x = chart_engine.other_place(), sorted.keys, tick.x) as place,
        coalesce(point.fields, '{}')
          || case when frame.target is not null then jsonb_build_object('target', frame.target) else '{}' end
          || case when frame.kind = 'none' then '{}' else jsonb_build_object(axis, tick.label) end
          || case when frame.kind = 'time' and frame.compared
            then jsonb_build_object(axis || '__previous', tick.earlier) else '{}' end as fields
      from unnest(ticks) as tick
      left join chart_engine.draw_points(frame, ticks, lines, cells) as point using (x)
      left join chart_engine.order_ticks(config, frame, ticks, cells) as sorted using (x)
      where tick.is_kept
    )
    select coalesce(jsonb_agg(fields order by place), '[]') from ordered where place <= (config -> 'limit')::integer);
end
$$;
comment on function chart_engine.draw_rows is
  'The rows of a chart, ordered as the definition says, "Other" last, and cut off at its limit.';

create function chart_engine.describe_series(config jsonb, frame chart_engine.frame, lines chart_engine.line[])
returns jsonb
language plpgsql immutable set search_path = '' as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('field', field, 'name', title, 'measure', measure,
      'role', role, 'dimensions', nullif(dimensions, '{}'))) order by s nulls last, i, role desc), '[]')
    from (
      select s, i, field, title, measure, 'value' as role, dimensions from unnest(lines)
      union all
      select s, i, field || '__previous', title || ' (previous period)', measure, 'previous', dimensions
      from unnest(lines) where frame.compared
      union all
      select null, null, 'target', coalesce(config #>> '{target,title}', 'Target'), null, 'target', null
      where frame.target is not null
    ) as listed);
end
$$;
comment on function chart_engine.describe_series is
  'What the result says of each field of its rows, save the axis: its title, measure, role and values.';

create function chart_engine.draw_chart(
  config jsonb, frame chart_engine.frame, ticks chart_engine.tick[], cells chart_engine.cell[],
  labels1 jsonb, labels2 jsonb)
returns jsonb
language plpgsql immutable
-- The planner guesses at the sizes of arrays. A nested loop over 100,000 values and 100,000 cells takes minutes, a hash
-- join 0.2 s. Without nested loops all costs look huge, hence no JIT. Planning takes longer than drawing most charts:
-- with generic plans PL/pgSQL does it once a connection. The functions that are called from here run in these settings.
set search_path = '' set enable_nestloop = off set jit = off set plan_cache_mode = force_generic_plan as $$
declare
  placed chart_engine.placed_cell[] := chart_engine.place_cells(frame, cells);
  lines chart_engine.line[] := chart_engine.lines_of(config, frame.kind, placed, labels1, labels2);
begin
  return jsonb_build_object(
    'rows', chart_engine.draw_rows(config, frame, ticks, lines, placed),
    'series', chart_engine.describe_series(config, frame, lines));
end
$$;
comment on function chart_engine.draw_chart is 'Draws a chart: {"rows": [...], "series": [...]}.';
