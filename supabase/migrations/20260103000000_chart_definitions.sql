-- Reading a chart definition: its form, the columns that it names, its dates. docs/charts.md describes the language.
--
-- charts.config is plain JSON that any holder of the service key can write, so that all is checked here, whatever the
-- writer checked before. What is wrong is raised as SQLSTATE PT422 (HTTP 422 in PostgREST) with a sentence for a person
-- as its message and the place in the definition ("measures.0.field") as its detail; neither repeats what was written.
-- A hint says where it is no mistake of the definition: the rows, the campaign or the next deployment may mend it.

create schema chart_engine;
revoke all on schema chart_engine from public;
grant usage on schema chart_engine to service_role;

create function chart_engine.refuse(field text, problem text) returns void
language plpgsql immutable set search_path = '' as $$
begin
  raise exception using errcode = 'PT422', message = problem, detail = field;
end
$$;

create function chart_engine.refuse_for_now(field text, problem text) returns void
language plpgsql immutable set search_path = '' as $$
begin
  raise exception using errcode = 'PT422', message = problem, detail = field, hint = 'condition';
end
$$;

-- An object with all of the required settings, any of the optional ones and no other.
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

create function chart_engine.check_text(value jsonb, field text, pattern text, problem text) returns void
language plpgsql immutable set search_path = '' as $$
begin
  if (case jsonb_typeof(value) when 'string' then length(value #>> '{}') <= 500 and (value #>> '{}') ~ pattern end)
    is not true then
    perform chart_engine.refuse(field, problem);
  end if;
end
$$;

create function chart_engine.check_name(value jsonb, field text) returns void
language sql immutable set search_path = '' as $$
  select chart_engine.check_text(value, field, '^[A-Za-z][A-Za-z0-9_]{0,62}$',
    'This must be a name: a letter, then letters, digits and underscores, 63 at most.')
$$;

create function chart_engine.check_title(value jsonb, field text) returns void
language sql immutable set search_path = '' as $$
  select case when value is not null then
    chart_engine.check_text(value, field, '^[^[:cntrl:]]{1,100}$', 'This must be a text of 1 to 100 characters.') end
$$;

create function chart_engine.check_choice(value jsonb, field text, choices text[]) returns void
language plpgsql immutable set search_path = '' as $$
begin
  if (case jsonb_typeof(value) when 'string' then (value #>> '{}') = any (choices) end) is not true then
    perform chart_engine.refuse(field, format('This must be one of %s.', array_to_string(choices, ', ')));
  end if;
end
$$;

create function chart_engine.check_flag(value jsonb, field text) returns void
language plpgsql immutable set search_path = '' as $$
begin
  if jsonb_typeof(value) <> 'boolean' then
    perform chart_engine.refuse(field, 'This must be true or false.');
  end if;
end
$$;

-- 1e15: up to there a double, which is what a chart library calculates with, holds every integer. 1e-30: a number can be
-- so small that no float holds it.
create function chart_engine.check_number(value jsonb, field text) returns void
language plpgsql immutable set search_path = '' as $$
begin
  if (case jsonb_typeof(value) when 'number' then abs(value::numeric) between 1e-30 and 1e15 or value = '0' end)
    is not true then
    perform chart_engine.refuse(field, 'This must be 0 or a number of 1e-30 to 1e15.');
  end if;
end
$$;

-- Written without decimals: 10.0 is a number that PostgreSQL reads as no integer.
create function chart_engine.check_integer(value jsonb, field text, lowest integer, highest integer) returns void
language plpgsql immutable set search_path = '' as $$
begin
  if (case jsonb_typeof(value) when 'number'
    then value::numeric between lowest and highest and scale(value::numeric) = 0 end) is not true then
    perform chart_engine.refuse(field, format('This must be a whole number from %s to %s.', lowest, highest));
  end if;
end
$$;

-- Whether the result has a use of its own for a field of that name.
create function chart_engine.is_taken(name text) returns boolean
language sql immutable set search_path = '' as $$
  select name = 'target' or name like '%\_\_%'
$$;

create function chart_engine.check_measure(measure jsonb, field text, has_buckets boolean) returns void
language plpgsql immutable set search_path = '' as $$
begin
  perform chart_engine.check_object(measure, field, '{name,type}', '{field,title,runningTotal}');
  perform chart_engine.check_name(measure -> 'name', field || '.name');
  if chart_engine.is_taken(measure ->> 'name') then
    perform chart_engine.refuse(field || '.name', 'The name "target" and names with "__" are taken by the result.');
  end if;
  perform chart_engine.check_choice(measure -> 'type', field || '.type', '{count,countDistinct,sum,avg,min,max}');
  perform chart_engine.check_title(measure -> 'title', field || '.title');
  if (measure ->> 'type' = 'count') = (measure ? 'field') then
    perform chart_engine.refuse(field || '.field', 'Every type of measure needs a field, save count, which takes none.');
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

-- "zone" is an IANA name. PostgreSQL takes POSIX rules ("Nowhere3") and abbreviations ("PDT") too: the former have digits,
-- the latter no slash. Other names are looked for in the list of all, which takes 10 ms as it reads 600 files.
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

-- The zone to calculate with. As abbreviations these four would stand for a time that has no summer; by the IANA's list
-- of links they are the zones of these cities.
create function chart_engine.zone_of(config jsonb) returns text
language sql immutable set search_path = '' as $$
  select case config ->> 'timezone' when 'CET' then 'Europe/Brussels' when 'MET' then 'Europe/Brussels'
    when 'EET' then 'Europe/Athens' when 'WET' then 'Europe/Lisbon' else config ->> 'timezone' end
$$;

-- What the rows can be ordered by: the field of the axis, and the measures save running totals.
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

-- The field along which the rows lie: the time dimension where it has a granularity, or else the first dimension.
create function chart_engine.axis(config jsonb) returns text
language sql immutable set search_path = '' as $$
  select case when config #> '{timeDimension,granularity}' is not null then config #>> '{timeDimension,dimension}'
    else config #>> '{dimensions,0,dimension}' end
$$;

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
  elsif chart_engine.is_taken(chart_engine.axis(config)) then
    perform chart_engine.refuse(
      case when config #> '{timeDimension,granularity}' is not null then 'timeDimension' else 'dimensions.0' end
        || '.dimension', 'The name "target" and names with "__" are taken by the result.');
  end if;
end
$$;

-- The definition with its defaults filled in, or PT422. What needs the catalogue or the clock is checked further on.
create function chart_engine.check_definition(given jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  config jsonb;
  part jsonb;
  field text;
begin
  if length(given::text) > 16384 then
    perform chart_engine.refuse('', 'A definition holds at most 16384 characters.');
  end if;
  config := jsonb_strip_nulls(given);
  perform chart_engine.check_object(config, '', '{source,measures}',
    '{timeDimension,dimensions,filters,timezone,target,order,limit,chartType}');
  config := '{"dimensions": [], "filters": [], "timezone": "UTC", "order": [], "limit": 10000, "chartType": "table"}'
    || config;
  perform chart_engine.check_name(config -> 'source', 'source');
  perform chart_engine.check_zone(config -> 'timezone');
  perform chart_engine.check_choice(config -> 'chartType', 'chartType', '{line,area,bar,pie,number,table}');
  perform chart_engine.check_integer(config -> 'limit', 'limit', 1, 10000);
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

-- The type that a type is in the end: that of a domain, which may be made of another domain.
create function chart_engine.base_type(type oid) returns oid
language sql stable set search_path = '' as $$
  with recursive made_of as (
    select type as id
    union all
    select made.typbasetype from made_of join pg_catalog.pg_type as made on made.oid = made_of.id
    where made.typtype = 'd'
  )
  select id from made_of join pg_catalog.pg_type as base on base.oid = id where base.typtype <> 'd'
$$;

-- Whether rows are told apart by campaign. The catalogue is asked and not the columns that can be charted: a column of
-- that name and any other type would let the rows of all campaigns in.
create function chart_engine.is_scoped(source text, campaign uuid) returns boolean
language plpgsql stable set search_path = '' as $$
declare
  type oid := (
    select attribute.atttypid from pg_catalog.pg_class as class
    join pg_catalog.pg_attribute as attribute on attribute.attrelid = class.oid
    where class.relnamespace = 'chart_sources'::regnamespace and class.relname = source
      and attribute.attname = 'campaign_id' and not attribute.attisdropped);
begin
  if chart_engine.base_type(type) <> 'uuid'::regtype then
    perform chart_engine.refuse_for_now('source', 'The source''s campaign_id must be a UUID.');
  end if;
  return campaign is not null and type is not null;
end
$$;

-- The columns of a view of chart_sources that can be charted, {name: kind}; null where there is no such view. Names
-- that would need quoting in a chart library are left out, and so are types that no chart draws (arrays, JSON, bytes).
create function chart_engine.columns(source text) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_object_agg(columns.name, columns.kind) filter (where columns.kind is not null)
  from (
    select attribute.attname as name,
      case
        when base.typname in ('int2', 'int4', 'int8') then 'integer'
        when base.typname in ('numeric', 'date', 'timestamp', 'timestamptz', 'uuid') then base.typname::text
        when base.typname = 'float8' then 'float'
        when base.typname = 'float4' then 'real'
        when base.typname = 'bool' then 'boolean'
        when base.typtype = 'e' then 'enum'
        when base.typcategory = 'S' then 'text'
      end as kind
    from pg_catalog.pg_class as class
    join pg_catalog.pg_attribute as attribute on attribute.attrelid = class.oid
    join pg_catalog.pg_type as type on type.oid = attribute.atttypid
    join pg_catalog.pg_type as base
      on base.oid = case type.typtype when 'd' then chart_engine.base_type(type.oid) else type.oid end
    where class.relnamespace = 'chart_sources'::regnamespace and class.relkind in ('v', 'm') and class.relname = source
      and attribute.attnum > 0 and not attribute.attisdropped and attribute.attname ~ '^[A-Za-z][A-Za-z0-9_]{0,62}$'
  ) as columns
$$;

-- That a field is a column of the source and of one of the kinds wanted.
create function chart_engine.check_column(columns jsonb, name jsonb, field text, kinds text[], problem text) returns void
language plpgsql immutable set search_path = '' as $$
begin
  perform chart_engine.check_name(name, field);
  if not columns ? (name #>> '{}') then
    perform chart_engine.refuse_for_now(field, 'The source has no such field.');
  elsif columns ->> (name #>> '{}') <> all (kinds) then
    perform chart_engine.refuse(field, problem);
  end if;
end
$$;

-- The columns of the definition's source, every one that it names being of a fitting kind.
create function chart_engine.check_columns(config jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  columns jsonb := chart_engine.columns(config ->> 'source');
  moments text[] := '{timestamptz,timestamp,date}';
  part jsonb;
  field text;
begin
  if columns is null then
    perform chart_engine.refuse_for_now('source', 'There is no such source.');
  end if;
  for part, field in select value, 'measures.' || place - 1
    from jsonb_array_elements(config -> 'measures') with ordinality as listed (value, place) where value ? 'field' loop
    perform chart_engine.check_column(columns, part -> 'field', field || '.field',
      case part ->> 'type' when 'countDistinct' then array(select value from jsonb_each_text(columns))
        else '{integer,numeric,float,real}' end, 'This measure needs a field that holds numbers.');
  end loop;
  for part, field in select value, 'dimensions.' || place - 1
    from jsonb_array_elements(config -> 'dimensions') with ordinality as listed (value, place) loop
    perform chart_engine.check_column(columns, part -> 'dimension', field || '.dimension',
      '{text,enum,boolean,uuid,integer,numeric,date}', 'A dimension cannot be a moment or a float.');
  end loop;
  if config ? 'timeDimension' then
    perform chart_engine.check_column(columns, config #> '{timeDimension,dimension}', 'timeDimension.dimension',
      case config #>> '{timeDimension,granularity}' when 'hour' then moments[1:2] else moments end,
      'A time dimension needs a date or a moment, and for hours a moment.');
  end if;
  return columns;
end
$$;
