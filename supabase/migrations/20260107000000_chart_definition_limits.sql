-- One definition must not hold up the other charts: it has a maximum length, and one that PostgreSQL cannot work
-- through is wrong until it is edited.

alter table public.charts
  add constraint charts_config_length check (octet_length(config::text) <= 65536);

create or replace function chart_engine.try_chart(
  config jsonb, moment timestamptz, campaign uuid, out result jsonb, out outcome text, out failure jsonb)
language plpgsql stable set search_path = '' as $$
declare
  field text;
begin
  result := public.generate_chart_data(config, moment, campaign);
exception
  when sqlstate 'PT422' or sqlstate 'PT409' then
    get stacked diagnostics field = pg_exception_detail;
    outcome := case sqlstate when 'PT422' then 'invalid' else 'undrawable' end;
    failure := jsonb_build_object('code', 'invalid_chart', 'field', field, 'message', sqlerrm);
  when query_canceled then
    outcome := 'timeout';
    failure := jsonb_build_object('code', 'timeout', 'message', 'This chart took too long to generate.');
  when program_limit_exceeded or statement_too_complex then
    outcome := 'invalid';
    failure := jsonb_build_object('code', 'invalid_chart', 'field', '',
      'message', 'This definition is too large or too deeply nested.');
  when others then
    -- the message may hold values of rows; the SQLSTATE does not
    outcome := 'failed';
    failure := jsonb_build_object('code', 'database_error', 'sqlstate', sqlstate,
      'message', 'The database could not generate this chart.');
end
$$;
