-- What the catalogue says of a source: its columns, and whether it tells campaigns apart.

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
comment on function chart_engine.base_type is
  'The type behind a domain, which may be a domain of a domain. Any other type is its own.';

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
comment on function chart_engine.is_scoped is
  'Whether the source tells rows apart by campaign, so that a chart must read its own campaign''s alone. Looks in '
  'the catalogue and not in columns(): a campaign_id of another type than UUID would let the rows of all campaigns '
  'in.';

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
comment on function chart_engine.columns is
  'The columns of a view of chart_sources that a chart can read, as {name: kind}; null where there is no such view. '
  'Leaves out names that a chart library would have to quote, and types that no chart draws, such as arrays, JSON '
  'and bytes.';

create function chart_engine.check_column(columns jsonb, name jsonb, field text, kinds text[], problem text)
returns void
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
comment on function chart_engine.check_column is
  'Checks that a field is a column of the source, of one of the wanted kinds.';

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
comment on function chart_engine.check_columns is
  'Checks every column that the definition names, save in its filters, and returns the columns of its source.';
