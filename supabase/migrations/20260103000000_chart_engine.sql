-- The chart engine: its schema, its limits, and how it refuses a definition. docs/charts.md describes the language.

create schema chart_engine;
comment on schema chart_engine is
  'Draws charts: from a definition to the rows of its result. The way in is public.generate_chart_data.';
revoke all on schema chart_engine from public;
grant usage on schema chart_engine to service_role;

-- Limits that more than one function uses. The planner replaces each call by its number. It decides before that whether
-- a statement may run in parallel, hence "parallel safe".

create function chart_engine.max_definition_length() returns integer
language sql immutable parallel safe set search_path = '' return 16384;
comment on function chart_engine.max_definition_length is 'The most characters that a definition may have.';

create function chart_engine.max_text_length() returns integer
language sql immutable parallel safe set search_path = '' return 500;
comment on function chart_engine.max_text_length is 'The most characters that a text in a definition may have.';

create function chart_engine.max_rows() returns integer
language sql immutable parallel safe set search_path = '' return 10000;
comment on function chart_engine.max_rows is
  'The most rows of a result, and the setting "limit" where it is left out.';

create function chart_engine.max_buckets() returns integer
language sql immutable parallel safe set search_path = '' return 10000;
comment on function chart_engine.max_buckets is 'The most buckets that a date range may be cut into.';

create function chart_engine.max_numbers() returns integer
language sql immutable parallel safe set search_path = '' return 100000;
comment on function chart_engine.max_numbers is
  'The most numbers of a result. A chart library takes seconds to draw more, and no screen has as many pixels.';

create function chart_engine.max_result_bytes() returns integer
language sql immutable parallel safe set search_path = '' return 6000000;
comment on function chart_engine.max_result_bytes is
  'The most bytes of a result. A Lambda function answers at most 6,291,456 bytes; the rest is for what stands '
  'around it.';

create function chart_engine.other_place() returns integer
language sql immutable parallel safe set search_path = '' return 1000;
comment on function chart_engine.other_place is
  'The place that stands for "Other": all values that a dimension does not keep. It keeps 100 at most, in places 1 '
  'to 100.';

-- Two ways to refuse. PostgREST answers an SQLSTATE "PTxyz" with the HTTP status xyz.
--
-- | SQLSTATE | means                                     | what helps                                      |
-- | -------- | ----------------------------------------- | ----------------------------------------------- |
-- | PT422    | The definition is wrong.                  | an edit                                         |
-- | PT409    | The definition is right, but the rows,    | other rows, a goal, the next deployment; or an  |
-- |          | the campaign or the view do not fit it.   | edit                                            |
--
-- The message is a sentence for a person. The detail is the place in the definition, such as "measures.0.field".
-- Neither repeats what somebody wrote.

create function chart_engine.refuse(field text, problem text) returns void
language plpgsql immutable set search_path = '' as $$
begin
  raise exception using errcode = 'PT422', message = problem, detail = field;
end
$$;
comment on function chart_engine.refuse is 'Raises PT422: the definition is wrong at this field.';

create function chart_engine.refuse_for_now(field text, problem text) returns void
language plpgsql immutable set search_path = '' as $$
begin
  raise exception using errcode = 'PT409', message = problem, detail = field;
end
$$;
comment on function chart_engine.refuse_for_now is
  'Raises PT409: the definition is right, but cannot be drawn with the rows, the campaign or the view as they are '
  'now.';
