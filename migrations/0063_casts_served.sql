-- When each address was served by a cast, as long as it matters. One row for each of them: whoever is served changes it,
-- so that two at once take turns, on whichever replica.
create table cast_addresses (
    cast_id uuid not null references casts on delete cascade,
    -- An IPv4 address or the /64 of an IPv6 one.
    household inet not null,
    served timestamptz[] not null,
    -- How many of them the cast allowed when this was written.
    allowed integer not null,
    primary key (cast_id, household),
    constraint cast_address_served_too_often check (cardinality(served) <= allowed)
);

-- A start that does not come to a running desktop gives back what was taken for it. The move itself does it, so that it
-- happens once, whoever notices: this server, another one, or upkeep after a crash. First the address, then the cast,
-- as a launch does, so that the two never wait for each other.
create function give_back_session() returns trigger language plpgsql as $$
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
    end if;
    return null;
end $$;
create trigger desktops_give_back after update of state or delete on desktops for each row
    when (old.cast_id is not null) execute function give_back_session();
