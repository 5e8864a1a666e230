-- The form of a definition. docs/charts.md describes the language.
--
-- charts.config is plain JSON that anybody with the service key can write. So everything is checked here, whatever the
-- writer checked before.
--
-- | setting               | how many or how large                     |
-- | --------------------- | ----------------------------------------- |
-- | whole definition      | max_definition_length() characters        |
-- | name                  | 63 characters, as PostgreSQL's own        |
-- | title                 | 100 characters                            |
-- | time zone             | 61 characters                             |
-- | any other text        | max_text_length() characters              |
-- | measures              | 1 to 8                                    |
-- | dimensions            | 0 to 2, each of 1 to 100 values and Other |
-- | order                 | 0 to 3                                    |
-- | limit                 | 1 to max_rows()                           |

create function chart_engine.check_object(value jsonb, field text, required text[], optional text[]) returns void
language plpgsql immutable set search_path = '' as $$
declare
  missing text := (select name from unnest(required) as name where not value ? name limit 1);
begin
  if jsonb_typeof(value) is distinct from 'object' then
    perform chart_engine.refuse(field, 'This must be an object.');
  elsif missing is not null then
    perform chart_engine.refuse(concat_ws('.', nullif(field, ''), missing), 'This is required.');
  elsif exists (select from jsonb_object_keys(value) as key where key <> all (required || optional)) then
    perform chart_engine.refuse(field,
      format('Only these are known here: %s.', array_to_string(required || optional, ', ')));
  end if;
end
$$;
comment on function chart_engine.check_object is
  'Checks that a value is an object that has every required setting and no unknown one.';

create function chart_engine.check_list(value jsonb, field text, lowest integer, highest integer) returns void
language plpgsql immutable set search_path = '' as $$
begin
  -- "case", since "and" does not promise to look at the type first
  if (case jsonb_typeof(value) when 'array' then jsonb_array_length(value) between lowest and highest end)
    is not true then
    perform chart_engine.refuse(field, format('This must be a list of %s to %s.', lowest, highest));
  end if;
end
$$;
comment on function chart_engine.check_list is 'Checks that a value is a list of an allowed length.';

create function chart_engine.check_text(value jsonb, field text, pattern text, problem text) returns void
language plpgsql immutable set search_path = '' as $$
begin
  if (case jsonb_typeof(value) when 'string' then length(value #>> '{}') <= chart_engine.max_text_length()
    and (value #>> '{}') ~ pattern end) is not true then
    perform chart_engine.refuse(field, problem);
  end if;
end
$$;
comment on function chart_engine.check_text is 'Checks that a value is a text that matches a pattern.';

create function chart_engine.check_name(value jsonb, field text) returns void
language sql immutable set search_path = '' as $$
  select chart_engine.check_text(value, field, '^[A-Za-z][A-Za-z0-9_]{0,62}$',
    'This must be a name: a letter, then letters, digits and underscores, 63 at most.')
$$;
comment on function chart_engine.check_name is
  'Checks that a value can name a column, a measure or a source without being quoted.';

create function chart_engine.check_title(value jsonb, field text) returns void
language sql immutable set search_path = '' as $$
  select case when value is not null then
    chart_engine.check_text(value, field, '^[^[:cntrl:]]{1,100}$', 'This must be a text of 1 to 100 characters.') end
$$;
comment on function chart_engine.check_title is 'Checks that a title, where there is one, is a text of one line.';

create function chart_engine.check_choice(value jsonb, field text, choices text[]) returns void
language plpgsql immutable set search_path = '' as $$
begin
  if (case jsonb_typeof(value) when 'string' then (value #>> '{}') = any (choices) end) is not true then
    perform chart_engine.refuse(field, format('This must be one of %s.', array_to_string(choices, ', ')));
  end if;
end
$$;
comment on function chart_engine.check_choice is 'Checks that a value is one of the allowed words.';

create function chart_engine.check_flag(value jsonb, field text) returns void
language plpgsql immutable set search_path = '' as $$
begin
  if jsonb_typeof(value) <> 'boolean' then
    perform chart_engine.refuse(field, 'This must be true or false.');
  end if;
end
$$;
comment on function chart_engine.check_flag is 'Checks that a value, where there is one, is true or false.';

create function chart_engine.check_number(value jsonb, field text) returns void
language plpgsql immutable set search_path = '' as $$
begin
  if (case jsonb_typeof(value) when 'number' then abs(value::numeric) between 1e-30 and 1e15 or value = '0' end)
    is not true then
    perform chart_engine.refuse(field, 'This must be 0 or a number of 1e-30 to 1e15.');
  end if;
end
$$;
comment on function chart_engine.check_number is
  'Checks that a value is 0 or a number of 1e-30 to 1e15. A chart library calculates with doubles: up to 1e15 they '
  'hold every integer, and 1e-30 is far from the smallest number that a float holds.';

create function chart_engine.check_integer(value jsonb, field text, lowest integer, highest integer) returns void
language plpgsql immutable set search_path = '' as $$
begin
  if (case jsonb_typeof(value) when 'number'
    then value::numeric between lowest and highest and scale(value::numeric) = 0 end) is not true then
    perform chart_engine.refuse(field, format('This must be a whole number from %s to %s.', lowest, highest));
  end if;
end
$$;
comment on function chart_engine.check_integer is
  'Checks that a value is an integer in a range, written without decimals: PostgreSQL does not read 10.0 as an '
  'integer.';

create function chart_engine.is_reserved(name text) returns boolean
language sql immutable set search_path = '' as $$
  select name = 'target' or name like '%\_\_%'
$$;
comment on function chart_engine.is_reserved is
  'Whether the result uses this name, or names like it, for fields of its own.';

create function chart_engine.check_measure(measure jsonb, field text, has_buckets boolean) returns void
language plpgsql immutable set search_path = '' as $$
begin
  perform chart_engine.check_object(measure, field, '{name,type}', '{field,title,runningTotal}');
  perform chart_engine.check_name(measure -> 'name', field || '.name');
  if chart_engine.is_reserved(measure ->> 'name') then
    perform chart_engine.refuse(field || '.name', 'The name "target" and names with "__" are taken by the result.');
  end if;
  perform chart_engine.check_choice(measure -> 'type', field || '.type', '{count,countDistinct,sum,avg,min,max}');
  perform chart_engine.check_title(measure -> 'title', field || '.title');
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
comment on function chart_engine.check_measure is 'Checks one measure.';

create function chart_engine.check_time_dimension(dimension jsonb) returns void
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
    perform chart_engine.check_choice(dimension -> 'compare', 'timeDimension.compare', '{previousPeriod}');
    if not dimension ? 'dateRange' then
      perform chart_engine.refuse('timeDimension.compare', 'A comparison needs a date range.');
    end if;
  end if;
end
$$;
comment on function chart_engine.check_time_dimension is
  'Checks the time dimension, except its column and its date range.';

create function chart_engine.check_dimension(dimension jsonb, field text) returns void
language plpgsql immutable set search_path = '' as $$
begin
  perform chart_engine.check_object(dimension, field, '{dimension}', '{limit,other,title}');
  perform chart_engine.check_name(dimension -> 'dimension', field || '.dimension');
  perform chart_engine.check_title(dimension -> 'title', field || '.title');
  perform chart_engine.check_flag(dimension -> 'other', field || '.other');
  if dimension ? 'limit' then
    perform chart_engine.check_integer(dimension -> 'limit', field || '.limit', 1, 100);
  end if;
end
$$;
comment on function chart_engine.check_dimension is 'Checks one dimension, except its column.';

create function chart_engine.check_target(target jsonb) returns void
language plpgsql immutable set search_path = '' as $$
begin
  perform chart_engine.check_object(target, 'target', '{}', '{value,from,title}');
  perform chart_engine.check_title(target -> 'title', 'target.title');
  if (target ? 'value') = (target ? 'from') then
    perform chart_engine.refuse('target', 'A target has either a value or a "from".');
  elsif target ? 'value' then
    perform chart_engine.check_number(target -> 'value', 'target.value');
  else
    perform chart_engine.check_choice(target -> 'from', 'target.from', '{campaignGoal}');
  end if;
end
$$;
comment on function chart_engine.check_target is 'Checks the target.';

create function chart_engine.check_zone(zone jsonb) returns void
language plpgsql stable set search_path = '' as $$
declare
  problem text := 'This must be an IANA time zone such as America/New_York.';
begin
  perform chart_engine.check_text(zone, 'timezone', '^[A-Z][A-Za-z0-9_+/-]{1,60}$', problem);
  if zone #>> '{}' ~ '^(UTC|[A-Z][A-Za-z_]+(/[A-Z][A-Za-z_-]+){1,2})$' then
    perform now() at time zone (zone #>> '{}');
  elsif not exists (select from pg_catalog.pg_timezone_names as named where named.name = zone #>> '{}') then
    perform chart_engine.refuse('timezone', problem);
  end if;
exception when invalid_parameter_value then
  perform chart_engine.refuse('timezone', problem);
end
$$;
comment on function chart_engine.check_zone is
  'Checks that a value is the name of an IANA time zone. PostgreSQL also takes POSIX rules such as "Nowhere3", '
  'which have digits, and abbreviations such as "PDT", which have no slash. Names that look like either are looked '
  'up in pg_timezone_names, which takes 10 ms, as it reads 600 files.';

create function chart_engine.zone_of(config jsonb) returns text
language sql immutable set search_path = '' as $$
  select case config ->> 'timezone' when 'CET' then 'Europe/Brussels' when 'MET' then 'Europe/Brussels'
    when 'EET' then 'Europe/Athens' when 'WET' then 'Europe/Lisbon' else config ->> 'timezone' end
$$;
comment on function chart_engine.zone_of is
  'The time zone to calculate with. PostgreSQL reads CET, MET, EET and WET as abbreviations without a summer time; '
  'in the IANA database they are links to the zones of these cities.';

create function chart_engine.check_order(config jsonb) returns void
language plpgsql immutable set search_path = '' as $$
declare
  part jsonb;
  field text;
  members text[] := array(
    select measure ->> 'name' from jsonb_array_elements(config -> 'measures') as measure
    where (measure -> 'runningTotal')::boolean is not true
  ) || chart_engine.axis(config);
begin
  perform chart_engine.check_list(config -> 'order', 'order', 0, 3);
  for part, field in select value, 'order.' || place - 1
    from jsonb_array_elements(config -> 'order') with ordinality as listed (value, place) loop
    perform chart_engine.check_object(part, field, '{member}', '{direction}');
    if (case jsonb_typeof(part -> 'member') when 'string' then part ->> 'member' = any (members) end) is not true then
      perform chart_engine.refuse(field || '.member',
        'This must be the first dimension or a measure of the chart that is no running total.');
    end if;
    if part ? 'direction' then
      perform chart_engine.check_choice(part -> 'direction', field || '.direction', '{asc,desc}');
    end if;
  end loop;
end
$$;
comment on function chart_engine.check_order is
  'Checks the order of the rows: by the axis, or by a measure that is not a running total.';

create function chart_engine.axis(config jsonb) returns text
language sql immutable set search_path = '' as $$
  select case when config #> '{timeDimension,granularity}' is not null then config #>> '{timeDimension,dimension}'
    else config #>> '{dimensions,0,dimension}' end
$$;
comment on function chart_engine.axis is
  'The field along which the rows lie: the time dimension where it has a granularity, or else the first dimension. '
  'Null where there is neither.';

create function chart_engine.check_names(config jsonb) returns void
language plpgsql immutable set search_path = '' as $$
declare
  names text[] := array_remove(
    array(select measure ->> 'name' from jsonb_array_elements(config -> 'measures') as measure)
      || chart_engine.axis(config), null);
begin
  if (select count(distinct name) < count(*) from unnest(names) as name) then
    perform chart_engine.refuse('measures', 'Each measure needs a name of its own, other than the first dimension''s.');
  elsif config #>> '{dimensions,0,dimension}' = config #>> '{dimensions,1,dimension}' then
    perform chart_engine.refuse('dimensions', 'The two dimensions must differ.');
  elsif chart_engine.is_reserved(chart_engine.axis(config)) then
    perform chart_engine.refuse(
      case when config #> '{timeDimension,granularity}' is not null then 'timeDimension' else 'dimensions.0' end
        || '.dimension', 'The name "target" and names with "__" are taken by the result.');
  end if;
end
$$;
comment on function chart_engine.check_names is 'Checks that the fields of the result have names of their own.';

create function chart_engine.check_definition(given jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  config jsonb;
  part jsonb;
  field text;
begin
  if length(given::text) > chart_engine.max_definition_length() then
    perform chart_engine.refuse('',
      format('A definition holds at most %s characters.', chart_engine.max_definition_length()));
  end if;
  config := jsonb_strip_nulls(given);
  perform chart_engine.check_object(config, '', '{source,measures}',
    '{timeDimension,dimensions,filters,timezone,target,order,limit,chartType}');
  config := jsonb_build_object('limit', chart_engine.max_rows())
    || '{"dimensions": [], "filters": [], "timezone": "UTC", "order": [], "chartType": "table"}'
    || config;
  perform chart_engine.check_name(config -> 'source', 'source');
  perform chart_engine.check_zone(config -> 'timezone');
  perform chart_engine.check_choice(config -> 'chartType', 'chartType', '{line,area,bar,pie,number,table}');
  perform chart_engine.check_integer(config -> 'limit', 'limit', 1, chart_engine.max_rows());
  if config ? 'timeDimension' then
    perform chart_engine.check_time_dimension(config -> 'timeDimension');
  end if;
  perform chart_engine.check_list(config -> 'measures', 'measures', 1, 8);
  for part, field in select value, 'measures.' || place - 1
    from jsonb_array_elements(config -> 'measures') with ordinality as listed (value, place) loop
    perform chart_engine.check_measure(part, field, config #> '{timeDimension,granularity}' is not null);
  end loop;
  perform chart_engine.check_list(config -> 'dimensions', 'dimensions', 0, 2);
  for part, field in select value, 'dimensions.' || place - 1
    from jsonb_array_elements(config -> 'dimensions') with ordinality as listed (value, place) loop
    perform chart_engine.check_dimension(part, field);
  end loop;
  perform chart_engine.check_names(config);
  if config ? 'target' then
    perform chart_engine.check_target(config -> 'target');
  end if;
  perform chart_engine.check_order(config);
  return jsonb_set(config, '{dimensions}', coalesce((
    select jsonb_agg('{"limit": 10, "other": true}' || value order by place)
    from jsonb_array_elements(config -> 'dimensions') with ordinality as listed (value, place)), '[]'));
end
$$;
comment on function chart_engine.check_definition is
  'Checks the form of a definition and fills in its defaults. What needs the catalogue or the clock is checked '
  'later.';
