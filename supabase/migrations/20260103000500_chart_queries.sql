-- The statement that reads a source, part two: what it selects. The file on conditions lists its parameters.
--
-- | column  | holds                                                                        |
-- | ------- | ---------------------------------------------------------------------------- |
-- | b       | the bucket, counted from 1 through both periods; 1 where there are none      |
-- | d1, d2  | the values of the dimensions                                                 |
-- | k1, k2  | their places: 1 for the largest, other_place() for those that are not kept   |
-- | x1 ...  | what measure number 1 ... adds up; beside n1 ... values for an average       |

create type chart_engine.cell as (b integer, k1 integer, k2 integer, total boolean, measures numeric[]);
comment on type chart_engine.cell is
  'What the statement answers: the measures in their order, at a bucket and at the places of the dimensions'' '
  'values (0 where there is no such dimension). total: over all series.';

create function chart_engine.aggregate(form text, type text, i integer, counted text default '') returns text
language sql immutable set search_path = '' as $$
  select replace(replace(case form
    when 'direct' then case type
      when 'count' then 'count(*)@' when 'countDistinct' then 'count(distinct x#)@' else type || '(x#)@' end
    when 'part' then case type when 'count' then 'count(*) as x#' when 'avg' then 'sum(x#) as x#, count(x#) as n#'
      when 'countDistinct' then 'x#'
      else type || '(x#) as x#' end
    else case type
      when 'count' then 'sum(x#)@' when 'avg' then 'sum(x#)@ / nullif(sum(n#)@, 0)'
      when 'countDistinct' then case form when 'unique' then 'count(x#)@' else 'count(distinct x#)@' end
      else type || '(x#)@' end
  end, '#', i::text), '@', counted)
$$;
comment on function chart_engine.aggregate is
  'The SQL of the aggregate of measure number i, in one of four forms: over rows ("direct"), over the rows of one '
  'cell ("part": one or two columns), over cells ("whole"), and over cells of which no two share a value that is '
  'counted if distinct ("unique"). "counted" is a filter clause, or empty.';

create function chart_engine.finite(aggregate text) returns text
language sql immutable set search_path = '' as $$
  select format('case when %1$s > -1e290 and %1$s < 1e290 then %1$s end', format('(%s)::numeric', aggregate))
$$;
comment on function chart_engine.finite is
  'The SQL that makes an aggregate a number that a chart library can draw, or null: a column may hold NaN, which '
  'sorts above every number, and infinities.';

create function chart_engine.measure_expression(form text, type text, i integer, counted text default '') returns text
language sql immutable set search_path = '' as $$
  select chart_engine.finite(
    format(case type when 'sum' then 'coalesce(%s, 0)' else '%s' end, chart_engine.aggregate(form, type, i, counted)))
$$;
comment on function chart_engine.measure_expression is
  'The SQL of what measure number i shows. A sum of no values is 0; a sum that is not a number is null.';

create function chart_engine.measured_column(measure jsonb, columns jsonb) returns text
language sql immutable set search_path = '' as $$
  select case
    when kind not in ('float', 'real') then source
    when measure ->> 'type' in ('sum', 'avg') then
      format('case when %1$s > float8 ''1e290'' or %1$s < float8 ''-1e290'' then float8 ''NaN'' else %1$s end', source)
    else source end
  from (
    select columns ->> (measure ->> 'field') as kind, format(
      case columns ->> (measure ->> 'field') when 'real' then 'source.%I::float8' else 'source.%I' end,
      measure ->> 'field') as source
  ) as field
$$;
comment on function chart_engine.measured_column is
  'The SQL that reads a column for a measure. Single precision is widened, as it would be summed in single '
  'precision and keep six digits as a numeric. A double beyond 1e290 could overflow a sum, and becomes NaN.';

create function chart_engine.scan_of(config jsonb, columns jsonb, condition text, scoped boolean) returns text
language sql immutable set search_path = '' as $$
  select format('select %s from chart_sources.%I as source where %s', array_to_string(array[
      case when bounds is null then '1' else format('width_bucket(source.%I, %s)', time_field, bounds) end || ' as b']
    || array(
      select chart_engine.column_of(value ->> 'dimension', columns ->> (value ->> 'dimension')) || ' as d' || place
      from jsonb_array_elements(config -> 'dimensions') with ordinality as dimension (value, place))
    || array(
      select format('%s as x%s', chart_engine.measured_column(value, columns), place)
      from jsonb_array_elements(config -> 'measures') with ordinality as measure (value, place)
      where value ? 'field'), ', '),
    config ->> 'source', condition
    || case when bounds is null then '' else format(
      ' and source.%1$I >= %2$s[1] and source.%1$I < %2$s[cardinality(%2$s)]', time_field, bounds) end
    || case when scoped then ' and source.campaign_id = $8' else '' end
    || case when bounds is null then '' else ' offset bigint ''0''' end)
  from (
    select config #>> '{timeDimension,dimension}' as time_field,
      chart_engine.moments_for(columns ->> (config #>> '{timeDimension,dimension}'), 5) as bounds
  ) as time
$$;
comment on function chart_engine.scan_of is
  'The SQL that reads the source: bucket b, dimensions d1 and d2, and x1, x2, ... for the measures. The offset '
  'skips nothing: it hides from the planner that buckets are an expression of a moment. It would expect as many '
  'buckets as rows, and one process would do in 1.7 times the time what several do in parallel.';

create function chart_engine.top_of(i integer, form text, type text, compared boolean) returns text
language sql immutable set search_path = '' as $$
  select format($sql$
    top%1$s as materialized (
      select d, place from (
        select d%1$s as d, row_number() over (order by %3$s, d%1$s::text collate "C" nulls last)::integer as place
        from (select d%1$s, %2$s from facts group by d%1$s) as totals
      ) as ranked
      where place <= ($1 #>> '{dimensions,%4$s,limit}')::integer
    )$sql$,
    i,
    case when compared then format('bool_or(b > $9) as is_there, %s as total, %s as earlier',
        chart_engine.measure_expression(form, type, 1, ' filter (where b > $9)'),
        chart_engine.measure_expression(form, type, 1, ' filter (where b <= $9)'))
      else chart_engine.measure_expression(form, type, 1) || ' as total' end,
    case when compared then 'is_there desc, total desc nulls last, earlier desc nulls last'
      else 'total desc nulls last' end,
    i - 1)
$$;
comment on function chart_engine.top_of is
  'The SQL of the values that dimension number i keeps, each with its place: the largest by the first measure, '
  'whose type is given. With an earlier period, values that only the earlier period has come last.';

create function chart_engine.for_each_dimension(template text, dimensions integer, joint text) returns text
language sql immutable set search_path = '' as $$
  select string_agg(format(template, i, i - 1), joint order by i) from generate_series(1, dimensions) as i
$$;
comment on function chart_engine.for_each_dimension is
  'Fills a template for each dimension with its number (%1$s) and its index in the definition (%2$s), and joins '
  'them.';

create function chart_engine.aggregates(form text, types text[]) returns text
language sql immutable set search_path = '' as $$
  select string_agg(case form when 'part' then chart_engine.aggregate(form, types[i], i)
    else chart_engine.measure_expression(form, types[i], i) end, ', ' order by i)
  from generate_subscripts(types, 1) as i
$$;
comment on function chart_engine.aggregates is 'The SQL of the aggregates of all measures in one form.';

create function chart_engine.plain_query(scan text, types text[]) returns text
language sql immutable set search_path = '' as $$
  select format($sql$
    select array_agg(row(b, 0, 0, false, measures)::chart_engine.cell), null::jsonb, null::jsonb
    from (select b, array[%s]::numeric[] as measures from (%s) as scan group by b) as folded
    $sql$, chart_engine.aggregates('direct', types), scan)
$$;
comment on function chart_engine.plain_query is 'The statement of a chart without dimensions.';

create function chart_engine.needs_totals(config jsonb) returns boolean
language sql immutable set search_path = '' as $$
  select jsonb_array_length(config -> 'dimensions') > (config #> '{timeDimension,granularity}' is null)::integer
    and exists (
      select from jsonb_array_elements(config -> 'order') as part where part ->> 'member' <> chart_engine.axis(config))
$$;
comment on function chart_engine.needs_totals is
  'Whether the rows are ordered by a measure while split into series. The order then needs the measure over all '
  'series, which the series'' parts do not tell.';

create function chart_engine.facts_of(config jsonb, scan text, types text[]) returns text
language sql immutable set search_path = '' as $$
  select case when cardinality(array_positions(types, 'countDistinct')) > 1 then format('not materialized (%s)', scan)
    else format('materialized (select b, %1$s, %2$s from (%3$s) as scan group by b, %1$s%4$s)',
      chart_engine.for_each_dimension('d%1$s', jsonb_array_length(config -> 'dimensions'), ', '),
      chart_engine.aggregates('part', types),
      scan,
      coalesce(', x' || array_position(types, 'countDistinct'), '')) end
$$;
comment on function chart_engine.facts_of is
  'The SQL of the facts that a chart with dimensions is made of: partial aggregates where they can be, so that the '
  'source is read once. A distinct count needs each of its values in a fact of its own, since two facts may share a '
  'value. Two distinct counts would make nearly as many facts as rows: then the facts are the rows.';

create function chart_engine.places_of(dimensions integer) returns text
language sql immutable set search_path = '' as $$
  -- a null never joins: it is looked up beside the join, which stays a hash join
  select format('select facts.*, %s from facts %s',
    chart_engine.for_each_dimension($sql$
      coalesce(
        case when facts.d%1$s is null then (select place from top%1$s where d is null) else top%1$s.place end,
        chart_engine.other_place()
      ) as k%1$s$sql$, dimensions, ', '),
    chart_engine.for_each_dimension('left join top%1$s on top%1$s.d = facts.d%1$s', dimensions, ' '))
$$;
comment on function chart_engine.places_of is
  'The SQL that puts each fact in its places: those of the values that its dimensions keep, or "Other".';

create function chart_engine.cells_of(config jsonb, form text, types text[]) returns text
language sql immutable set search_path = '' as $$
  select format(
    'select b, %1$s, grouping(k%2$s) = 1 as total, array[%3$s]::numeric[] as measures from placed
      where %4$s group by grouping sets ((b, %1$s)%5$s)',
    chart_engine.for_each_dimension('k%1$s', dimensions, ', '),
    dimensions,
    chart_engine.aggregates(form, types),
    chart_engine.for_each_dimension(
      '(k%1$s < chart_engine.other_place() or ($1 #>> ''{dimensions,%2$s,other}'')::boolean)', dimensions, ' and '),
    case when not chart_engine.needs_totals(config) then ''
      when config #> '{timeDimension,granularity}' is not null then ', (b)' else ', (b, k1)' end)
  from (select jsonb_array_length(config -> 'dimensions') as dimensions) as counted
$$;
comment on function chart_engine.cells_of is
  'The SQL that folds placed facts into cells, and into totals over all series where the order of the rows needs '
  'them.';

create function chart_engine.split_query(config jsonb, columns jsonb, scan text, types text[]) returns text
language plpgsql immutable set search_path = '' as $$
declare
  dimensions integer := jsonb_array_length(config -> 'dimensions');
  form text := case when cardinality(array_positions(types, 'countDistinct')) > 1 then 'direct' else 'whole' end;
  compared boolean := config #> '{timeDimension,compare}' is not null;
  -- the facts of one value of the only dimension, in the only bucket, share no value that is counted if distinct
  ranked text := case when form = 'whole' and dimensions = 1 and not compared
    and config #> '{timeDimension,granularity}' is null then 'unique' else form end;
begin
  return format(
    $sql$with facts as %s, %s, placed as not materialized (%s), folded as (%s)
      select (
        select array_agg(row(b, k1, %s, total, measures)::chart_engine.cell)
        from (select * from folded limit chart_engine.max_numbers() + 1) as folded
      ), %s, %s$sql$,
    chart_engine.facts_of(config, scan, types),
    (select string_agg(chart_engine.top_of(i, ranked, types[1], compared), ', ')
      from generate_series(1, dimensions) as i),
    chart_engine.places_of(dimensions),
    chart_engine.cells_of(config, form, types),
    case dimensions when 2 then 'k2' else '0' end,
    chart_engine.labels_of(columns ->> (config #>> '{dimensions,0,dimension}'), 1),
    case dimensions when 2 then chart_engine.labels_of(columns ->> (config #>> '{dimensions,1,dimension}'), 2)
      else 'null::jsonb' end);
end
$$;
comment on function chart_engine.split_query is
  'The statement of a chart with dimensions. It makes facts, ranks the values of each dimension, puts each fact in '
  'its places, and folds the facts into cells.';

create function chart_engine.query_of(config jsonb, columns jsonb, condition text, scoped boolean) returns text
language plpgsql immutable set search_path = '' as $$
declare
  scan text := chart_engine.scan_of(config, columns, condition, scoped);
  types text[] := array(
    select value ->> 'type' from jsonb_array_elements(config -> 'measures') with ordinality as measure (value, place)
    order by place);
begin
  return case jsonb_array_length(config -> 'dimensions') when 0 then chart_engine.plain_query(scan, types)
    else chart_engine.split_query(config, columns, scan, types) end;
end
$$;
comment on function chart_engine.query_of is 'The statement that reads the source of a definition.';

create function chart_engine.labels_of(kind text, i integer) returns text
language sql immutable set search_path = '' as $$
  select format('(select jsonb_agg(%s order by place) from top%s)', case
    when kind in ('integer', 'date') then 'to_jsonb(d)' when kind = 'numeric' then 'to_jsonb(trim_scale(d))'
    else 'to_jsonb(d::text)' end, i)
$$;
comment on function chart_engine.labels_of is
  'The SQL of the values that dimension number i keeps, in order of their places. Numbers stay numbers.';
