-- A type that was limited to groups stays limited when the last of them goes, whoever removes it (a provider takes its
-- groups along): then only administrators see it, instead of everybody.
alter table desktop_types add column only_groups boolean not null default false;

alter table desktops
    -- What its person was allowed at the start; the container was made with it (groups/settings.rs).
    add column client_settings jsonb not null default '{}',
    -- The last key, pointer move or clipboard that went into the desktop; written at most once a minute.
    add column last_input_at timestamptz;

-- How long desktops ran, for limits of a day and for figures. A row outlives its desktop; only the person takes it
-- along.
create table desktop_runs (
    id bigint generated always as identity primary key,
    user_id uuid not null references users on delete cascade,
    type_id uuid references desktop_types on delete set null,
    desktop_id uuid not null,
    generation integer not null,
    began_at timestamptz not null default now(),
    ended_at timestamptz,
    constraint desktop_runs_one_a_start unique (desktop_id, generation),
    constraint desktop_runs_order check (ended_at >= began_at)
);
-- Of a person's runs, those that are not over or ended a short while ago.
create index desktop_runs_user on desktop_runs (user_id, ended_at);

-- Written by the database itself, so that no move between states can forget it.
create function count_desktop_run() returns trigger language plpgsql as $$
begin
    if tg_op <> 'DELETE' and new.state = 'running' and old.state <> 'running' then
        insert into desktop_runs (user_id, type_id, desktop_id, generation)
            values (new.owner_id, new.type_id, new.id, new.generation)
            on conflict on constraint desktop_runs_one_a_start do nothing;
    elsif old.state = 'running' and (tg_op = 'DELETE' or new.state <> 'running') then
        update desktop_runs set ended_at = now()
            where desktop_id = old.id and generation = old.generation and ended_at is null;
    end if;
    return null;
end $$;
create trigger desktops_count_run after update of state or delete on desktops
    for each row execute function count_desktop_run();

insert into desktop_runs (user_id, type_id, desktop_id, generation, began_at)
    select owner_id, type_id, id, generation, coalesce(ready_at, now()) from desktops where state = 'running';
