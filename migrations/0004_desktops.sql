-- One person's container of one type, running or not. The row is the truth: every replica acts on it by
-- conditional updates, and what Docker says is reconciled to it.
create type desktop_state as enum ('starting', 'running', 'stopping', 'stopped', 'failed');

create table desktops (
    id uuid primary key,
    -- The URL segment. Given once, looked up whole, never split: user and type names contain dashes themselves.
    name text not null constraint desktop_name_key unique
        constraint desktop_name_form check (name ~ '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$' and length(name) <= 63),
    owner_id uuid not null references users on delete cascade,
    type_id uuid not null references desktop_types,
    state desktop_state not null,
    -- Counts starts. Written into the container's labels: a container of another generation is a leftover.
    generation integer not null default 1,
    -- Who works on a starting or stopping desktop, and until when nobody else may take it over.
    lease_holder uuid,
    lease_until timestamptz,
    -- Random for each generation; the container holds it too, a browser never sees it.
    vnc_password text not null,
    container_id text,
    image_id text,
    host_port integer,
    -- Where the container answers, as seen from this server.
    endpoint text,
    start_url text,
    -- When each phase of the newest start began.
    preparing_at timestamptz not null default now(),
    creating_at timestamptz,
    starting_at timestamptz,
    waiting_at timestamptz,
    ready_at timestamptz,
    created_at timestamptz not null default now(),
    last_accessed_at timestamptz not null default now(),
    ended_at timestamptz,
    -- Why it is not running: a stable word, and a sentence for people.
    end_code text,
    end_reason text
);

-- The second click resumes: a person has at most one live desktop of a type.
create unique index desktop_one_live_per_type on desktops (owner_id, type_id)
    where state in ('starting', 'running', 'stopping');
create index desktops_owner on desktops (owner_id, last_accessed_at desc);
create index desktops_leases on desktops (lease_until) where state in ('starting', 'stopping');

-- Host ports of DESKTOP_PORTS in use. A port a foreign process holds stays here without a desktop for a while.
create table desktop_ports (
    port integer primary key,
    desktop_id uuid references desktops on delete cascade,
    quarantined_until timestamptz,
    constraint desktop_ports_meaning check ((desktop_id is null) <> (quarantined_until is null))
);
create index desktop_ports_desktop on desktop_ports (desktop_id);

-- Which installation this is: written into the labels of containers, so that two of them can share an engine.
create table installation (
    only_one boolean primary key default true check (only_one),
    id uuid not null default gen_random_uuid()
);
insert into installation default values;

-- Hints for the live views of every replica: which desktop changed, and whose it is. The row is the truth.
create function notify_desktop() returns trigger language plpgsql as $$
declare
    changed desktops := coalesce(new, old);
begin
    perform pg_notify('deskcast_desktop',
        json_build_object('desktop', changed.id, 'owner', changed.owner_id, 'gone', tg_op = 'DELETE')::text);
    return null;
end $$;
create trigger desktops_notify after insert or delete or update of state, generation, creating_at, starting_at,
    waiting_at, ready_at, end_reason on desktops for each row execute function notify_desktop();
