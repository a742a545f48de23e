-- What pages show of starts is kept by the moves themselves, so that nobody counts it out of a long history.

-- How long the newest starts of a type took, from the click to the first answer.
create table desktop_type_starts (
    type_id uuid primary key references desktop_types on delete cascade,
    -- In seconds, oldest first; at most 50.
    newest double precision[] not null,
    -- Their median.
    usual_seconds double precision not null
) with (fillfactor = 50);

-- What happened on each day (UTC).
create table desktop_days (
    day date primary key,
    -- Starts that came to a running desktop.
    started bigint not null default 0,
    -- Desktops that failed on this day and were neither started again nor removed on it.
    failed bigint not null default 0
) with (fillfactor = 50);

create function note_desktop_move() returns trigger language plpgsql as $$
declare
    today date := (now() at time zone 'UTC')::date;
    seconds double precision;
begin
    if tg_op <> 'DELETE' and new.state = 'running' and old.state = 'starting' then
        insert into desktop_days as d (day, started) values (today, 1)
            on conflict (day) do update set started = d.started + 1;
        seconds := greatest(extract(epoch from new.ready_at - new.preparing_at), 0);
        insert into desktop_type_starts as s (type_id, newest, usual_seconds)
            values (new.type_id, array[seconds], seconds)
            on conflict (type_id) do update set newest = (s.newest || seconds)[greatest(cardinality(s.newest) - 48, 1):];
        update desktop_type_starts set usual_seconds =
                (select percentile_cont(0.5) within group (order by one) from unnest(newest) one)
            where type_id = new.type_id;
    end if;
    if tg_op <> 'DELETE' and new.state = 'failed' and old.state <> 'failed' then
        insert into desktop_days as d (day, failed) values (today, 1)
            on conflict (day) do update set failed = d.failed + 1;
    elsif old.state = 'failed' and (tg_op = 'DELETE' or new.state <> 'failed') then
        update desktop_days set failed = greatest(failed - 1, 0)
            where day = today and day = (old.ended_at at time zone 'UTC')::date;
    end if;
    return null;
end $$;
-- Deferred: the rows that many moves share are locked last and for a moment only, so that moves neither wait long for
-- each other nor stop each other.
create constraint trigger desktops_note_move after update of state or delete on desktops
    deferrable initially deferred for each row execute function note_desktop_move();

insert into desktop_type_starts (type_id, newest, usual_seconds)
    select type_id, array_agg(seconds order by ready_at), percentile_cont(0.5) within group (order by seconds)
    from (select type_id, ready_at, greatest(extract(epoch from ready_at - preparing_at), 0)::double precision as seconds,
              row_number() over (partition by type_id order by ready_at desc) as place
          from desktops where ready_at is not null) starts
    where place <= 50 group by type_id;
insert into desktop_days (day, started)
    select (began_at at time zone 'UTC')::date, count(*) from desktop_runs group by 1;
insert into desktop_days as d (day, failed)
    select (ended_at at time zone 'UTC')::date, count(*) from desktops
        where state = 'failed' and ended_at is not null group by 1
    on conflict (day) do update set failed = excluded.failed;

-- Old runs are forgotten in small pieces, the oldest first.
create index desktop_runs_ended on desktop_runs (ended_at);
-- Upkeep and the administration ask for what is live, newest start first, and for one state.
create index desktops_live on desktops (preparing_at desc, id desc) where state in ('starting', 'running', 'stopping');
create index desktops_by_state on desktops (state);
create index desktops_by_start on desktops (preparing_at desc, id desc);
