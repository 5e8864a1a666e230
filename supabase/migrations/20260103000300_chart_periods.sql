-- Time: the periods that date ranges mean in a zone, and the buckets of a granularity.

create function chart_engine.instant(clock timestamp, zone text) returns timestamptz
language plpgsql stable set search_path = '' as $$
declare
  second timestamptz := clock at time zone zone;
  skipped interval := (second at time zone zone) - clock;
  back interval;
begin
  if skipped > interval '0' then
    return (
      select min(moment)
      from generate_series(date_trunc('minute', second - skipped), second, interval '1 minute') as moment
      where moment at time zone zone >= clock);
  end if;
  foreach back in array '{2h,1h,30min}'::interval[] loop
    if (second - back) at time zone zone >= clock then
      return second - back;
    end if;
  end loop;
  return second;
end
$$;
comment on function chart_engine.instant is
  'The first instant at which the clocks of a zone show this local time or a later one. "at time zone" alone takes '
  'the second of two where clocks are set back, as at midnight in Havana in November, and an instant that is an '
  'hour too late where they are set forward. Clocks are set at full minutes.';

create function chart_engine.calendar_date(value text) returns date
language plpgsql immutable set search_path = '' as $$
begin
  if value ~ '^(19[7-9][0-9]|20[0-9][0-9])-[0-9]{2}-[0-9]{2}$' then
    return make_date(left(value, 4)::integer, substr(value, 6, 2)::integer, right(value, 2)::integer);
  end if;
  return null;
exception when datetime_field_overflow then
  return null;
end
$$;
comment on function chart_engine.calendar_date is
  'The date that a text such as 2026-03-01 names, or null where it names none of 1970 to 2099. Before PostgreSQL 16 '
  'only an exception tells.';

create type chart_engine.period as (earlier timestamptz, starts timestamptz, ends timestamptz);
comment on type chart_engine.period is
  'From starts up to ends, which is outside. The period before it goes from earlier up to starts.';

create function chart_engine.local_period(earlier timestamp, starts timestamp, ends timestamp, zone text)
returns chart_engine.period
language sql stable set search_path = '' as $$
  select chart_engine.instant(earlier, zone), chart_engine.instant(starts, zone), chart_engine.instant(ends, zone)
$$;
comment on function chart_engine.local_period is 'A period given by local times of a zone.';

create function chart_engine.absolute_period(dates jsonb, field text, zone text) returns chart_engine.period
language plpgsql stable set search_path = '' as $$
declare
  first date;
  last date;
begin
  perform chart_engine.check_list(dates, field, 2, 2);
  first := chart_engine.calendar_date(dates ->> 0);
  last := chart_engine.calendar_date(dates ->> 1);
  if first is null or last is null or last < first then
    perform chart_engine.refuse(field, 'This must be two dates of 1970 to 2099 as YYYY-MM-DD, the earlier one first.');
  end if;
  return chart_engine.local_period(first - (last + 1 - first), first, last + 1, zone);
end
$$;
comment on function chart_engine.absolute_period is 'The period of two dates, both included.';

create function chart_engine.relative_period(words text, field text, zone text, moment timestamptz)
returns chart_engine.period
language plpgsql stable set search_path = '' as $$
declare
  units text := '(hour|day|week|month|quarter|year)';
  -- "this" or "last" and a unit; a count and a unit of "last ..."; the same of "from ... ago to now"
  said text[] := regexp_match(
    case lower(words) when 'today' then 'this day' when 'yesterday' then 'last day' else lower(words) end,
    format('^(?:(this|last) %1$s|last ([0-9]{1,4}) %1$ss?|from ([0-9]{1,4}) %1$ss? ago to now)$', units));
  count integer := coalesce(said[3], said[5], '1')::integer;
  unit text := coalesce(said[2], said[4], said[6]);
  step interval := chart_engine.step_of(unit);
  here timestamp := moment at time zone zone;
  hour timestamptz := date_trunc('hour', moment, zone);
  tomorrow timestamp := date_trunc('day', here) + interval '1 day';
  first timestamp;
begin
  if said is null or count = 0 or extract(epoch from count * step) > extract(epoch from interval '130 years') then
    perform chart_engine.refuse(field, 'This must be two dates, or words such as "last 30 days" or "this month".');
  elsif unit = 'hour' then
    return case
      when said[1] = 'this' then row(hour - step, hour, hour + step)
      when said[5] is null then row(hour - 2 * count * step, hour - count * step, hour)
      else row(hour - (2 * count + 1) * step, hour - count * step, hour + step) end;
  elsif said[5] is not null then
    first := date_trunc('day', here - count * step);
    return chart_engine.local_period(
      first - (tomorrow - first), first, tomorrow, zone);
  end if;
  first := date_trunc(unit, here) - case said[1] when 'this' then interval '0' else count * step end;
  return chart_engine.local_period(first - count * step, first, first + count * step, zone);
end
$$;
comment on function chart_engine.relative_period is
  'The period that words such as "last 7 days" mean at a moment. The words are Cube''s: "last 7 days" are the seven '
  'whole days before today; "from 7 days ago to now" includes today. Weeks begin on Mondays. Hours are elapsed '
  'time; everything longer follows the calendar of the zone.';

create function chart_engine.calendar_of(kind text, zone text) returns text
language sql immutable set search_path = '' as $$
  select case kind when 'date' then 'UTC' else zone end
$$;
comment on function chart_engine.calendar_of is
  'The zone whose clocks cut a column of this kind into days. A date has no zone, and a zone may skip one: dates '
  'are cut as if they were midnights of UTC.';

create function chart_engine.now_of(kind text, zone text, moment timestamptz) returns timestamptz
language sql stable set search_path = '' as $$
  select case kind when 'date' then (moment at time zone zone) at time zone 'UTC' else moment end
$$;
comment on function chart_engine.now_of is
  'The moment to compare a column of this kind with. For dates it is what the clocks of the zone show, taken as '
  'UTC.';

create function chart_engine.period_of(range jsonb, kind text, field text, zone text, moment timestamptz)
returns chart_engine.period
language plpgsql stable set search_path = '' as $$
declare
  period chart_engine.period;
  calendar text := chart_engine.calendar_of(kind, zone);
begin
  if kind = 'date' and range::text ~* 'hour' then
    perform chart_engine.refuse(field, 'A date has no hours.');
  elsif jsonb_typeof(range) <> 'string' then
    return chart_engine.absolute_period(range, field, calendar);
  end if;
  period := chart_engine.relative_period(
    range #>> '{}', field, calendar, chart_engine.now_of(kind, zone, moment));
  if period.starts at time zone calendar < '1970-01-01' or period.ends at time zone calendar > '2100-01-01' then
    perform chart_engine.refuse(field, 'This must lie in the years 1970 to 2099.');
  end if;
  return period;
end
$$;
comment on function chart_engine.period_of is 'The period of a date range, for a column of this kind.';

create function chart_engine.moment_of(value jsonb, kind text, field text, zone text) returns timestamptz
language plpgsql stable set search_path = '' as $$
declare
  said text[] := regexp_match(case jsonb_typeof(value) when 'string' then value #>> '{}' end,
    '^([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?'
    '(Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])?)?$');
  clock timestamp := chart_engine.calendar_date(said[1])
    + make_interval(hours => coalesce(said[2], '0')::integer, mins => coalesce(said[3], '0')::integer,
        secs => coalesce(said[4], '0')::integer);
begin
  if clock is null then
    perform chart_engine.refuse(field,
      'This must be a date or a moment of 1970 to 2099, as 2026-03-01 or 2026-03-01T18:30Z.');
  elsif kind = 'date' and said[2] is not null then
    perform chart_engine.refuse(field, 'A date is compared with a date, which has no time of day.');
  elsif said[5] is null then
    return chart_engine.instant(clock, chart_engine.calendar_of(kind, zone));
  end if;
  return (clock at time zone 'UTC') - case said[5] when 'Z' then interval '0' else said[5]::interval end;
end
$$;
comment on function chart_engine.moment_of is
  'The instant that a filter''s value names: with an offset as it stands, otherwise by the clocks of the zone. A '
  'column of dates takes dates alone.';

create function chart_engine.offset_of(moment timestamptz, zone text) returns text
language sql stable set search_path = '' as $$
  select case when ahead < interval '0' then '-' else '+' end || to_char(greatest(ahead, -ahead), 'HH24:MI')
  from (select (moment at time zone zone) - (moment at time zone 'UTC') as ahead) as distance
$$;
comment on function chart_engine.offset_of is 'The offset of a zone from UTC at an instant, such as "-05:00".';

create function chart_engine.step_of(granularity text) returns interval
language sql immutable set search_path = '' as $$
  select case granularity when 'quarter' then interval '3 months' else ('1 ' || granularity)::interval end
$$;
comment on function chart_engine.step_of is 'The length of a granularity.';

create function chart_engine.check_buckets(granularity text, period chart_engine.period, by_rows boolean) returns void
language plpgsql immutable set search_path = '' as $$
declare
  problem text := format('This makes more than %s buckets: take a shorter range or a longer granularity.',
    chart_engine.max_buckets());
begin
  if extract(epoch from period.ends - period.starts) / extract(epoch from chart_engine.step_of(granularity))
    <= chart_engine.max_buckets() then
    return;
  elsif by_rows then
    perform chart_engine.refuse_for_now('timeDimension', problem);
  end if;
  perform chart_engine.refuse('timeDimension', problem);
end
$$;
comment on function chart_engine.check_buckets is
  'Checks, before any bucket is made, that a period has no more than max_buckets(). Where the rows decide on the '
  'period, a single mistyped date may stretch it, which is no mistake of the definition.';

create function chart_engine.buckets(granularity text, zone text, starts timestamptz, ends timestamptz)
returns table (begins timestamptz, label text)
language plpgsql stable set search_path = '' as $$
begin
  if granularity = 'hour' then
    return query
      select hour, to_char(hour at time zone zone, 'YYYY-MM-DD"T"HH24:MI:SS') || chart_engine.offset_of(hour, zone)
      from generate_series(starts, ends - interval '1 second', interval '30 minutes') as hour
      where hour = starts or extract(minute from hour at time zone zone) = 0;
  else
    return query
      with days as materialized (  -- or each instant would be looked for twice
        select day, chart_engine.instant(day, zone) as begun
        from generate_series(
          date_trunc(granularity, starts at time zone zone), (ends - interval '1 second') at time zone zone,
          chart_engine.step_of(granularity)
        ) as day
      ), spans as (
        select day, begun, lead(begun, 1, ends) over (order by day) as next from days
      )
      select greatest(begun, starts), to_char(day, 'YYYY-MM-DD') from spans where begun < next and next > starts;
  end if;
end
$$;
comment on function chart_engine.buckets is
  'The buckets between two instants. "begins" is the instant. "label" is what the axis shows: the date on which the '
  'bucket begins, even where the range begins inside it, or for hours the local time with its offset, which tells '
  'the two hours apart that share a name when clocks are set back. A day that a zone skipped has no bucket.';

create function chart_engine.bucket_around(
  moment timestamptz, granularity text, zone text, out begins timestamptz, out ends timestamptz)
language sql stable set search_path = '' as $$
  select bucket.begins, bucket.next
  from (
    select made.begins, lead(made.begins) over (order by made.begins) as next
    from chart_engine.buckets(granularity, zone,
      date_trunc('hour', moment, zone) - chart_engine.step_of(granularity) - interval '1 day',
      moment + 2 * chart_engine.step_of(granularity) + interval '1 day') as made
  ) as bucket
  where bucket.begins <= moment and moment < bucket.next
$$;
comment on function chart_engine.bucket_around is
  'The whole bucket in which an instant lies. Local times cannot tell, as an hour or a day can come twice.';
