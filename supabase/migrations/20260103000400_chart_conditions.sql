-- The statement that reads a source, part one: its conditions.
--
-- The text of the statement depends on the form of the definition alone. Names come from the catalogue and are quoted.
-- Every value stays in the definition and is read by its path: the planner folds that into a constant, since all those
-- casts are immutable. A cast to a moment is not, so moments are computed before and handed over in arrays.
--
-- | parameter | type          | holds                                                                   |
-- | --------- | ------------- | ----------------------------------------------------------------------- |
-- | $1        | jsonb         | the definition                                                          |
-- | $2        | timestamptz[] | the moments that filters compare with                                   |
-- | $3        | date[]        | the same, for columns of dates                                          |
-- | $4        | timestamp[]   | the same, for columns of timestamps without a zone                      |
-- | $5        | timestamptz[] | the bounds of the buckets                                               |
-- | $6        | date[]        | the same, for columns of dates                                          |
-- | $7        | timestamp[]   | the same, for columns of timestamps without a zone                      |
-- | $8        | uuid          | the campaign                                                            |
-- | $9        | integer       | the number of buckets of the earlier period                             |

create function chart_engine.value_at(path text, kind text) returns text
language sql immutable set search_path = '' as $$
  select format('($1 #>> %L)', '{' || path || '}') || case kind
    when 'text' then '' when 'enum' then '' when 'boolean' then '::boolean' when 'uuid' then '::uuid'
    when 'float' then '::float8' when 'real' then '::float4' when 'bigint' then '::numeric::bigint' else '::numeric' end
$$;
comment on function chart_engine.value_at is 'The SQL that reads a value of the definition, at a path, as a kind.';

create function chart_engine.column_of(name text, kind text) returns text
language sql immutable set search_path = '' as $$
  select case when kind in ('text', 'enum') then format('source.%I::text', name) else format('source.%I', name) end
$$;
comment on function chart_engine.column_of is 'The SQL that reads a column in a condition or as a dimension.';

create function chart_engine.moments_for(kind text, first integer) returns text
language sql immutable set search_path = '' as $$
  select '$' || first + case kind when 'timestamptz' then 0 when 'date' then 1 when 'timestamp' then 2 end
$$;
comment on function chart_engine.moments_for is
  'The parameter that compares with a column of this kind: of the filters'' moments with first = 2, of the '
  'buckets'' bounds with first = 5.';

create function chart_engine.operators_for(kind text) returns text[]
language sql immutable set search_path = '' as $$
  select '{set,notSet}'::text[] || case
    when kind = 'text' then '{equals,notEquals,contains,startsWith}'::text[]
    when kind in ('enum', 'boolean', 'uuid') then '{equals,notEquals}'
    when kind in ('integer', 'numeric', 'float', 'real') then '{equals,notEquals,gt,gte,lt,lte}'
    else '{equals,notEquals,gt,gte,lt,lte,inDateRange}' end
$$;
comment on function chart_engine.operators_for is 'The operators of a filter on a column of this kind.';

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
      perform chart_engine.check_text(value, field, '^[^[:cntrl:]]*$',
        format('This must be a text of at most %s characters.', chart_engine.max_text_length()));
  end case;
end
$$;
comment on function chart_engine.check_value is 'Checks one value of a filter on a column of this kind.';

create function chart_engine.comparison_kind(kind text, listed jsonb) returns text
language sql immutable set search_path = '' as $$
  select case when kind = 'integer' and not exists (
    select from jsonb_array_elements(listed) as value where value::numeric <> trunc(value::numeric)
  ) then 'bigint' else kind end
$$;
comment on function chart_engine.comparison_kind is
  'The kind to compare a column as. An integer column is compared with integers where all values are integers: a '
  'numeric would keep an index from being used.';

create function chart_engine.value_condition(operator text, name text, kind text, listed jsonb, path text) returns text
language plpgsql immutable set search_path = '' as $$
declare
  columns text := chart_engine.column_of(name, kind);
  compared text := chart_engine.comparison_kind(kind, listed);
  given text[] := array(
    select chart_engine.value_at(path || ',values,' || place, compared)
    from generate_series(0, jsonb_array_length(listed) - 1) as place);
  -- escapes the characters that have a meaning in a pattern of LIKE
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
comment on function chart_engine.value_condition is
  'The SQL of a filter on a text, a number, a boolean or a UUID. A missing value equals nothing, so that notEquals '
  'holds for it.';

create function chart_engine.sign_of(operator text) returns text
language sql immutable set search_path = '' as $$
  select case operator when 'gt' then '>' when 'gte' then '>=' when 'lt' then '<' when 'lte' then '<=' end
$$;
comment on function chart_engine.sign_of is 'The SQL operator of a comparison.';

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
comment on function chart_engine.moment_condition is
  'The SQL of a filter on a date or a moment, and the moments with those that it compares with added. A missing '
  'value equals nothing.';

create function chart_engine.filter_condition(
  filter jsonb, path text, columns jsonb, zone text, moment timestamptz,
  inout moments timestamptz[], out condition text)
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
comment on function chart_engine.filter_condition is
  'Checks one filter. Returns its SQL, and the moments with its own added.';

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
comment on function chart_engine.group_condition is
  'Checks a list of filters and groups. Returns the SQL that joins them by "and" or "or", and the moments with '
  'their own added.';
