-- The catalogue: what can be started.
-- vnc: an image that follows the Kasm contract, its client files are served from a trusted copy.
-- passthrough: a plain web application, every request goes to the container.
create type client_kind as enum ('vnc', 'passthrough');

create table desktop_types (
    id uuid primary key,
    slug text not null constraint desktop_types_slug_key unique
        constraint desktop_types_slug_form check (slug ~ '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$' and length(slug) <= 28),
    title text not null constraint desktop_types_title_length check (length(title) between 1 and 100),
    description text not null default '',
    -- Name of a drawing in static/icons.svg.
    icon text not null default 'desktop',
    image text not null,
    client client_kind not null default 'vnc',
    container_port integer not null default 6901 constraint desktop_types_port check (container_port between 1 and 65535),
    container_tls boolean not null default true,
    -- The account the proxy signs in with inside the container; newer images name it otherwise (kasm-image 1.3).
    vnc_user text not null default 'kasm_user',
    client_folder text not null default '/usr/share/kasmvnc/www',
    memory_mb bigint not null default 2048 constraint desktop_types_memory check (memory_mb between 64 and 1048576),
    cpus double precision not null default 2 constraint desktop_types_cpus check (cpus between 0.1 and 256),
    shm_mb bigint not null default 512 constraint desktop_types_shm check (shm_mb between 1 and 65536),
    pids_limit bigint not null default 1024 constraint desktop_types_pids check (pids_limit between 16 and 100000),
    -- Everything is dropped; only what stands here is given back.
    cap_add text[] not null default '{}',
    env jsonb not null default '{}',
    -- Where the person's files live in the container; kept in a volume of their own. Empty: nothing is kept.
    home_path text not null default '/home/kasm-user',
    -- Opened at the start by images that take an address (KASM_URL).
    start_url text,
    enabled boolean not null default true,
    position integer not null default 100,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
