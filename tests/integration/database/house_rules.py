"""What must be true of every schema, table and function, however many migrations there are."""

import psycopg

SCHEMAS = ("public", "chart_sources", "chart_engine", "private")

WITHOUT_COMMENT = """
    select 'schema ' || nspname from pg_namespace
    where nspname = any (%(schemas)s) and obj_description(oid, 'pg_namespace') is null
    union all
    select 'function ' || oid::regprocedure from pg_proc
    where pronamespace = any (%(schemas)s::regnamespace[]) and obj_description(oid, 'pg_proc') is null
    union all
    select 'relation ' || oid::regclass from pg_class
    where relnamespace = any (%(schemas)s::regnamespace[]) and relkind in ('r', 'v', 'm')
      and obj_description(oid, 'pg_class') is null
    union all
    select 'type ' || type.oid::regtype from pg_type as type
    join pg_class as class on class.oid = type.typrelid
    where type.typnamespace = any (%(schemas)s::regnamespace[]) and class.relkind = 'c'
      and obj_description(type.oid, 'pg_type') is null
"""
# Functions of `private` that run with their owner's rights have a test of their own.
LOOSE_FUNCTIONS = """
    select oid::regprocedure::text from pg_proc
    where pronamespace = any (%(schemas)s::regnamespace[])
      and (not coalesce('search_path=""' = any (proconfig), false)
        or prosecdef and pronamespace <> 'private'::regnamespace)
"""
OPEN_FUNCTIONS = """
    select oid::regprocedure::text from pg_proc
    where pronamespace = any (%(schemas)s::regnamespace[]) and (
      has_function_privilege('anon', oid, 'execute')
      or has_function_privilege('authenticated', oid, 'execute') and pronamespace <> 'private'::regnamespace
      or not has_function_privilege('service_role', oid, 'execute')
        and pronamespace <> 'private'::regnamespace and prorettype <> 'trigger'::regtype
    )
"""
OPEN_TABLES = """
    select oid::regclass::text from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r' and (
      not relrowsecurity
      or has_table_privilege('anon', oid, 'select, insert, update, delete, truncate')
      or has_table_privilege('authenticated', oid, 'insert, update, delete, truncate')
    )
"""
RULES = {
    "has a comment": WITHOUT_COMMENT,
    "has a closed search path and its caller's rights": LOOSE_FUNCTIONS,
    "is executed by the service role alone": OPEN_FUNCTIONS,
    "is written by the service role alone, behind row-level security": OPEN_TABLES,
}


def find_breaches(database: psycopg.Connection, rule: str) -> list[str]:
    """Return what breaks a rule."""
    return [name for (name,) in database.execute(RULES[rule], {"schemas": list(SCHEMAS)})]
