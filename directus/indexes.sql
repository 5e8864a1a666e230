-- Indexes for the searches, on a Directus that runs on PostgreSQL. Run it once, with psql, on Directus's own database:
-- Directus's schema knows no expression and no operator class. Put the collection's and the fields' own names in where
-- they are not these. `concurrently` keeps the list writable meanwhile, and must not run inside a transaction.

-- What a folded column starts with. (An index in the database's collation serves no LIKE, unless that is C.)
create index concurrently if not exists persons_fold_last_name on persons ("foldLastName" text_pattern_ops);
create index concurrently if not exists persons_fold_first_name on persons ("foldFirstName" text_pattern_ops);
create index concurrently if not exists persons_fold_address on persons ("foldAddress" text_pattern_ops);

-- What a name starts with, for searches in a collection without the derived columns: Directus asks LOWER(...) LIKE.
create index concurrently if not exists persons_lower_last_name on persons (lower("lastName") text_pattern_ops);
create index concurrently if not exists persons_lower_first_name on persons (lower("firstName") text_pattern_ops);
create index concurrently if not exists persons_lower_address on persons (lower(address) text_pattern_ops);

analyze persons;
