-- From a checked definition to the one statement that reads its source.
--
-- The text of that statement depends on the form of the definition alone. Names have been found in the catalogue and are
-- quoted; every value stays where it is, in $1, and is taken from there by its path, which the planner folds into a
-- constant as all those casts are immutable. A cast to a moment is not: moments are computed before, into arrays.
--   $1 definition   $2 $3 $4 moments of filters as timestamptz[], date[], timestamp[]   $5 $6 $7 bounds of the buckets,
--   in the same three types   $8 campaign   $9 number of buckets of the earlier period

-- What such a statement answers: bucket b, the places k1 and k2 of the dimensions' values (0 where there is no such
-- dimension), the measures in their order; total: over all series.
create type chart_engine.cell as (b integer, k1 integer, k2 integer, total boolean, measures numeric[]);

create function chart_engine.value_at(path text, kind text) returns text
language sql immutable set search_path = '' as $$
  select format('($1 #>> %L)', '{' || path || '}') || case kind
    when 'text' then '' when 'enum' then '' when 'boolean' then '::boolean' when 'uuid' then '::uuid'
    when 'float' then '::float8' when 'real' then '::float4' when 'bigint' then '::numeric::bigint' else '::numeric' end
$$;

create function chart_engine.column_of(name text, kind text) returns text
language sql immutable set search_path = '' as $$
  select case when kind in ('text', 'enum') then format('source.%I::text', name) else format('source.%I', name) end
$$;

-- $2, $3 or $4 (or $5, $6, $7 with first = 5), whichever compares with a column of this kind as it is.
create function chart_engine.moments_for(kind text, first integer) returns text
language sql immutable set search_path = '' as $$
  select '$' || first + case kind when 'timestamptz' then 0 when 'date' then 1 when 'timestamp' then 2 end
$$;

create function chart_engine.operators_for(kind text) returns text[]
language sql immutable set search_path = '' as $$
  select '{set,notSet}'::text[] || case
    when kind = 'text' then '{equals,notEquals,contains,startsWith}'::text[]
    when kind in ('enum', 'boolean', 'uuid') then '{equals,notEquals}'
    when kind in ('integer', 'numeric', 'float', 'real') then '{equals,notEquals,gt,gte,lt,lte}'
    else '{equals,notEquals,gt,gte,lt,lte,inDateRange}' end
$$;

create function chart_engine.check_value(value jsonb, kind text, field text) returns void
language plpgsql immutable set search_path = '' as $$
begin
  case
    when kind in ('integer', 'numeric', 'float', 'real') then
      perform chart_engine.check_number(value, field);
    when kind = 'boolean' then
      if jsonb_typeof(value) <> 'boolean' then
        perform chart_engine.refuse(field, 'This must be true or false.');
      end if;
    when kind = 'uuid' then
      perform chart_engine.check_text(
        value, field, '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$', 'This must be a UUID.');
    else
      perform chart_engine.check_text(value, field, '^[^[:cntrl:]]*$', 'This must be a text of at most 500 characters.');
  end case;
end
$$;

-- An integer column is compared with integers where all the values are: a numeric would keep an index from being used.
create function chart_engine.comparison_kind(kind text, listed jsonb) returns text
language sql immutable set search_path = '' as $$
  select case when kind = 'integer' and not exists (
    select from jsonb_array_elements(listed) as value where value::numeric <> trunc(value::numeric)
  ) then 'bigint' else kind end
$$;

-- One condition on a text, number, boolean or UUID. A missing value is equal to nothing, so that notEquals holds.
create function chart_engine.value_condition(operator text, name text, kind text, listed jsonb, path text) returns text
language plpgsql immutable set search_path = '' as $$
declare
  columns text := chart_engine.column_of(name, kind);
  compared text := chart_engine.comparison_kind(kind, listed);
  given text[] := array(
    select chart_engine.value_at(path || ',values,' || place, compared)
    from generate_series(0, jsonb_array_length(listed) - 1) as place);
  -- the three characters that LIKE reads as more than themselves
  literal text := $literal$replace(replace(replace(%s, '\', '\\'), '%%', '\%%'), '_', '\_')$literal$;
begin
  return case operator
    when 'equals' then format('%s in (%s)', columns, array_to_string(given, ', '))
    when 'notEquals' then format('(%s in (%s)) is not true', columns, array_to_string(given, ', '))
    when 'contains' then (
      select string_agg(format('%s ilike %L || %s || %L', columns, '%', format(literal, value), '%'), ' or ')
      from unnest(given) as value)
    when 'startsWith' then (
      select string_agg(format('%s ilike %s || %L', columns, format(literal, value), '%'), ' or ')
      from unnest(given) as value)
    else format('%s %s %s', columns, chart_engine.sign_of(operator), given[1]) end;
end
$$;

create function chart_engine.sign_of(operator text) returns text
language sql immutable set search_path = '' as $$
  select case operator when 'gt' then '>' when 'gte' then '>=' when 'lt' then '<' when 'lte' then '<=' end
$$;

-- One condition on a date or a moment. What it compares with is added to the moments. A missing one is equal to none.
create function chart_engine.moment_condition(
  operator text, name text, kind text, listed jsonb, field text, zone text, moment timestamptz,
  inout moments timestamptz[], out condition text)
language plpgsql stable set search_path = '' as $$
declare
  compared text := chart_engine.moments_for(kind, 2);
  place integer := cardinality(moments) + 1;
  range chart_engine.period;
begin
  if operator = 'inDateRange' then
    range := chart_engine.period_of(
      case jsonb_array_length(listed) when 1 then listed -> 0 else listed end, kind, field || '.values', zone, moment);
    moments := moments || array[range.starts, range.ends];
    condition := format('source.%1$I >= %2$s[%3$s] and source.%1$I < %2$s[%4$s]', name, compared, place, place + 1);
    return;
  end if;
  moments := moments || array(
    select chart_engine.moment_of(value, kind, field || '.values.' || position - 1, zone)
    from jsonb_array_elements(listed) with ordinality as given (value, position) order by position);
  condition := case operator
    when 'equals' then format('source.%I = any (%s[%s:%s])', name, compared, place, cardinality(moments))
    when 'notEquals' then
      format('(source.%I = any (%s[%s:%s])) is not true', name, compared, place, cardinality(moments))
    else format('source.%I %s %s[%s]', name, chart_engine.sign_of(operator), compared, place) end;
end
$$;

create function chart_engine.filter_condition(
  filter jsonb, path text, columns jsonb, zone text, moment timestamptz, inout moments timestamptz[], out condition text)
language plpgsql stable set search_path = '' as $$
declare
  field text := replace(path, ',', '.');
  name text := filter ->> 'member';
  kind text;
  operator text := filter ->> 'operator';
  values_wanted integer[] := case
    when operator in ('set', 'notSet') then '{0,0}' when operator in ('gt', 'gte', 'lt', 'lte') then '{1,1}'
    when operator = 'inDateRange' then '{1,2}' else '{1,100}' end;
begin
  perform chart_engine.check_object(filter, field, '{member,operator}', '{values}');
  perform chart_engine.check_column(columns, filter -> 'member', field || '.member',
    array(select value from jsonb_each_text(columns)), '');
  kind := columns ->> name;
  perform chart_engine.check_choice(filter -> 'operator', field || '.operator', chart_engine.operators_for(kind));
  perform chart_engine.check_list(
    coalesce(filter -> 'values', '[]'), field || '.values', values_wanted[1], values_wanted[2]);
  if values_wanted[2] = 0 then
    condition := format('source.%I is %s', name, case operator when 'set' then 'not null' else 'null' end);
  elsif kind in ('timestamptz', 'date', 'timestamp') then
    select made.moments, made.condition into moments, condition
    from chart_engine.moment_condition(operator, name, kind, filter -> 'values', field, zone, moment, moments) as made;
  else
    perform chart_engine.check_value(value, kind, field || '.values.' || place - 1)
      from jsonb_array_elements(filter -> 'values') with ordinality as listed (value, place);
    condition := chart_engine.value_condition(operator, name, kind, filter -> 'values', path);
  end if;
end
$$;

-- The conditions of a list of filters and groups, joined by "and" or "or".
create function chart_engine.group_condition(
  members jsonb, joint text, path text, depth integer, columns jsonb, zone text, moment timestamptz,
  inout moments timestamptz[], out condition text)
language plpgsql stable set search_path = '' as $$
declare
  member jsonb;
  place text;
  pieces text[] := '{}';
  piece text;
  inner_joint text;
begin
  perform chart_engine.check_list(members, replace(path, ',', '.'), case depth when 0 then 0 else 1 end, 50);
  for member, place in select value, path || ',' || position - 1
    from jsonb_array_elements(members) with ordinality as listed (value, position) loop
    inner_joint := case when member ? 'and' then 'and' when member ? 'or' then 'or' end;
    if inner_joint is null then
      select made.moments, made.condition into moments, piece
      from chart_engine.filter_condition(member, place, columns, zone, moment, moments) as made;
    else
      perform chart_engine.check_object(member, replace(place, ',', '.'), array[inner_joint], '{}');
      if depth = 4 then
        perform chart_engine.refuse(replace(place, ',', '.'), 'Groups may lie in one another four deep.');
      end if;
      select made.moments, made.condition into moments, piece
      from chart_engine.group_condition(
        member -> inner_joint, inner_joint, place || ',' || inner_joint, depth + 1,
        columns, zone, moment, moments) as made;
    end if;
    pieces := pieces || ('(' || piece || ')');
  end loop;
  condition := coalesce(nullif(array_to_string(pieces, ' ' || joint || ' '), ''), 'true');
end
$$;

-- The aggregates of measure number i: over the rows themselves ("direct"), over a cell of rows ("part": one or two
-- columns), and over such cells ("whole", or "unique" where no two of them share a value that is counted if distinct).
-- counted: a filter of what is counted, or nothing.
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

-- A number that a chart library can draw, or null: a column may hold NaN, which is more than any number, and infinities.
create function chart_engine.finite(aggregate text) returns text
language sql immutable set search_path = '' as $$
  select format('case when %1$s > -1e290 and %1$s < 1e290 then %1$s end', format('(%s)::numeric', aggregate))
$$;

-- What measure number i shows. A sum of no values is 0, but one that is no number stays null.
create function chart_engine.shown(form text, type text, i integer, counted text default '') returns text
language sql immutable set search_path = '' as $$
  select chart_engine.finite(
    format(case type when 'sum' then 'coalesce(%s, 0)' else '%s' end, chart_engine.aggregate(form, type, i, counted)))
$$;

-- A column as a measure reads it. Single precision would add up in single precision, and as a numeric keep six digits.
-- Too large a double makes a sum fail: up to 1e290 it cannot, and beyond it is no number that could be drawn.
create function chart_engine.measured(measure jsonb, columns jsonb) returns text
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

-- A row of the scan: bucket b, dimensions d1 and d2, and what measure number i adds up as x{i}.
--
-- Buckets lie behind an offset, which skips nothing: the planner then takes them for few, and adds up in parallel. Seen
-- as an expression of a moment they would be as many as the rows, and one process would do it all in 1.7 times the time.
create function chart_engine.scan_of(config jsonb, columns jsonb, condition text, scoped boolean) returns text
language sql immutable set search_path = '' as $$
  select format('select %s from chart_sources.%I as source where %s', array_to_string(array[
      case when bounds is null then '1' else format('width_bucket(source.%I, %s)', time_field, bounds) end || ' as b']
    || array(
      select chart_engine.column_of(value ->> 'dimension', columns ->> (value ->> 'dimension')) || ' as d' || place
      from jsonb_array_elements(config -> 'dimensions') with ordinality as dimension (value, place))
    || array(
      select format('%s as x%s', chart_engine.measured(value, columns), place)
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

-- The values of dimension number i that are kept, by place: the largest by the first measure, whose type is given. Beside
-- an earlier period, $9 being the number of its buckets, values that it alone has fill the places that are left. 1000 is
-- the place of all others. A null never joins, so that it is looked up beside the join, which thereby stays a hash join.
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
        chart_engine.shown(form, type, 1, ' filter (where b > $9)'),
        chart_engine.shown(form, type, 1, ' filter (where b <= $9)'))
      else chart_engine.shown(form, type, 1) || ' as total' end,
    case when compared then 'is_there desc, total desc nulls last, earlier desc nulls last'
      else 'total desc nulls last' end,
    i - 1)
$$;

-- A template for each dimension, filled with its number (%1$s) and its index in the definition (%2$s), and joined.
create function chart_engine.for_each_dimension(template text, dimensions integer, joint text) returns text
language sql immutable set search_path = '' as $$
  select string_agg(format(template, i, i - 1), joint order by i) from generate_series(1, dimensions) as i
$$;

-- The aggregates of all measures in one form, as a list.
create function chart_engine.aggregates(form text, types text[]) returns text
language sql immutable set search_path = '' as $$
  select string_agg(case form when 'part' then chart_engine.aggregate(form, types[i], i)
    else chart_engine.shown(form, types[i], i) end, ', ' order by i)
  from generate_subscripts(types, 1) as i
$$;

-- The statement of a chart without dimensions.
create function chart_engine.plain_query(scan text, types text[]) returns text
language sql immutable set search_path = '' as $$
  select format($sql$
    select array_agg(row(b, 0, 0, false, measures)::chart_engine.cell), null::jsonb, null::jsonb
    from (select b, array[%s]::numeric[] as measures from (%s) as scan group by b) as folded
    $sql$, chart_engine.aggregates('direct', types), scan)
$$;

-- The statement of a chart with dimensions: facts, the values to keep of each dimension, and the facts folded to these.
--
-- Facts are cells where they can be: the source is read once then. A distinct count has each of its values in a cell of
-- its own, as what is distinct in two cells need not be distinct in both together. Where several measures do so, there
-- would be almost as many cells as rows, and facts are the rows.
create function chart_engine.split_query(config jsonb, columns jsonb, scan text, types text[]) returns text
language plpgsql immutable set search_path = '' as $$
declare
  dimensions integer := jsonb_array_length(config -> 'dimensions');
  in_cells boolean := cardinality(array_positions(types, 'countDistinct')) < 2;
  form text := case when in_cells then 'whole' else 'direct' end;
  compared boolean := config #> '{timeDimension,compare}' is not null;
  -- of a single dimension's value, in a single bucket
  ranked text := case when in_cells and dimensions = 1 and not compared
    and config #> '{timeDimension,granularity}' is null then 'unique' else form end;
  dims text := chart_engine.for_each_dimension('d%1$s', dimensions, ', ');
  places text := chart_engine.for_each_dimension('k%1$s', dimensions, ', ');
begin
  return format(
    'with facts as %s, %s, placed as not materialized (%s), folded as (%s) select (%s), %s, %s',
    case when in_cells then format('materialized (select b, %1$s, %2$s from (%3$s) as scan group by b, %1$s%4$s)',
        dims, chart_engine.aggregates('part', types), scan,
        case when 'countDistinct' = any (types) then ', x' || array_position(types, 'countDistinct') else '' end)
      else format('not materialized (%s)', scan) end,
    (select string_agg(chart_engine.top_of(i, ranked, types[1], compared), ', ')
      from generate_series(1, dimensions) as i),
    format('select facts.*, %s from facts %s',
      chart_engine.for_each_dimension('coalesce(case when facts.d%1$s is null
        then (select place from top%1$s where d is null) else top%1$s.place end, 1000) as k%1$s', dimensions, ', '),
      chart_engine.for_each_dimension('left join top%1$s on top%1$s.d = facts.d%1$s', dimensions, ' ')),
    format('select b, %1$s, grouping(k%2$s) = 1 as total, array[%3$s]::numeric[] as measures from placed
      where %4$s group by grouping sets ((b, %1$s)%5$s)',
      places, dimensions, chart_engine.aggregates(form, types),
      chart_engine.for_each_dimension(
        '(k%1$s < 1000 or ($1 #>> ''{dimensions,%2$s,other}'')::boolean)', dimensions, ' and '),
      case when chart_engine.needs_totals(config) then
        case when config #> '{timeDimension,granularity}' is not null then ', (b)' else ', (b, k1)' end else '' end),
    format('select array_agg(row(b, k1, %s, total, measures)::chart_engine.cell)
      from (select * from folded limit 100001) as folded', case dimensions when 2 then 'k2' else '0' end),
    chart_engine.labels_of(columns ->> (config #>> '{dimensions,0,dimension}'), 1),
    case dimensions when 2 then chart_engine.labels_of(columns ->> (config #>> '{dimensions,1,dimension}'), 2)
      else 'null::jsonb' end);
end
$$;

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

-- The values kept of dimension number i, in order: numbers stay numbers.
create function chart_engine.labels_of(kind text, i integer) returns text
language sql immutable set search_path = '' as $$
  select format('(select jsonb_agg(%s order by place) from top%s)', case
    when kind in ('integer', 'date') then 'to_jsonb(d)' when kind = 'numeric' then 'to_jsonb(trim_scale(d))'
    else 'to_jsonb(d::text)' end, i)
$$;

-- Rows that are split into series are ordered by what a measure is over all of them, which the parts do not tell.
create function chart_engine.needs_totals(config jsonb) returns boolean
language sql immutable set search_path = '' as $$
  select jsonb_array_length(config -> 'dimensions') > (config #> '{timeDimension,granularity}' is null)::integer
    and exists (
      select from jsonb_array_elements(config -> 'order') as part where part ->> 'member' <> chart_engine.axis(config))
$$;
