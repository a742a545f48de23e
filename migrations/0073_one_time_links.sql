-- Links of a cast that serve once, each made for somebody. The secret in such a link is kept as its hash only.
create table cast_links (
    id uuid primary key,
    cast_id uuid not null references casts on delete cascade,
    -- For whom it was made.
    name text not null constraint cast_links_name_length check (length(name) between 1 and 200),
    secret_hash bytea not null constraint cast_links_secret unique
        constraint cast_links_secret_form check (length(secret_hash) = 32),
    created_at timestamptz not null default now(),
    created_by uuid references users on delete set null,
    withdrawn_at timestamptz,
    -- What it served, and whom, as they were called then. Plain ids: both may be gone by now.
    used_at timestamptz,
    desktop_id uuid,
    user_id uuid,
    user_name text,
    constraint cast_links_use check (
        (used_at is null) = (desktop_id is null) and (used_at is null) = (user_id is null))
);
-- The order of the list.
create index cast_links_of_cast on cast_links (cast_id, lower(normalize(name, NFKC)), id);
create unique index cast_links_desktop on cast_links (desktop_id) where desktop_id is not null;
create index cast_links_created_by on cast_links (created_by) where created_by is not null;

-- The name on the link that a request came by.
alter table cast_log add column link_name text constraint cast_log_link_length check (length(link_name) <= 200);

-- Uses a link up, or raises cast_link_used_up. A function, because it sees what was committed while it waited for the row;
-- the statement that calls it does not.
create function use_cast_link(link uuid, desktop uuid, person uuid) returns boolean language plpgsql volatile as $$
begin
    if link is null then
        return true;
    end if;
    update cast_links l set used_at = clock_timestamp(), desktop_id = desktop, user_id = person,
            user_name = (select u.username from users u where u.id = person)
        where l.id = link and l.used_at is null and l.withdrawn_at is null;
    if not found then
        raise exception 'a link that serves once is used up or withdrawn'
            using errcode = 'check_violation', constraint = 'cast_link_used_up';
    end if;
    return true;
end $$;

-- As before (0063), and a link that serves once can be used again. First the address, then the cast, then the link, as a
-- launch does, so that none of them waits for another one's.
create or replace function give_back_session() returns trigger language plpgsql as $$
begin
    if old.state = 'starting' and (tg_op = 'DELETE' or new.state not in ('starting', 'running')) then
        if old.served_at is not null then
            update cast_addresses set served = array_remove(served, old.served_at)
                where cast_id = old.cast_id and household = old.served_to;
        end if;
        if old.took_seat then
            update casts set sessions_remaining = sessions_remaining + 1
                where id = old.cast_id and sessions_remaining is not null;
        end if;
        update cast_links set used_at = null, desktop_id = null, user_id = null, user_name = null
            where desktop_id = old.id;
    end if;
    return null;
end $$;
