-- Lists of the administration are pages in the order of an index, and are searched by the three letters in a row that
-- an index knows (pg_trgm comes with Postgres and may be created by the owner of a database).
create extension if not exists pg_trgm;

-- Accounts by shown name; guests are in no list.
create index users_by_name on users (lower(display_name), id) where role <> 'guest';
create index users_by_role on users (role, lower(display_name), id);
create index users_switched_off on users (lower(display_name), id) where disabled_at is not null;
create index users_search on users
    using gin (lower(username || ' ' || display_name || ' ' || coalesce(email, '')) gin_trgm_ops) with (fastupdate = off);
create index desktops_search on desktops using gin (name gin_trgm_ops) with (fastupdate = off);

-- Groups in the order in which they count.
create index user_groups_order on user_groups (everybody, priority, lower(name), id);
