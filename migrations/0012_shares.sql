-- Invitations to somebody's running desktop. The key of a link is shown once and kept as its hash only.
create type share_access as enum ('view', 'control');

create table share_links (
    id uuid primary key,
    desktop_id uuid not null references desktops on delete cascade,
    -- The start it was made for: a desktop that was stopped and started again is not shared any more.
    generation integer not null,
    access share_access not null,
    key_hash bytea not null constraint share_link_key unique
        constraint share_link_key_form check (length(key_hash) = 32),
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
);
create index share_links_desktop on share_links (desktop_id);
create index share_links_expiry on share_links (expires_at);

-- Who opened a link and said that they want to look.
create table share_visitors (
    share_id uuid not null references share_links on delete cascade,
    user_id uuid not null references users on delete cascade,
    joined_at timestamptz not null default now(),
    primary key (share_id, user_id)
);
create index share_visitors_user on share_visitors (user_id);

-- The one place that says which links hold: the desktop runs since the start the link was made for, its owner may
-- sign in, the page of the desktop is ours, and the time is not over.
create view live_shares as
    select s.id, s.desktop_id, s.access, s.key_hash, s.created_at, s.expires_at, d.owner_id, d.name as desktop_name,
        o.display_name as owner_name, t.title, t.slug as type_slug
    from share_links s
        join desktops d on d.id = s.desktop_id and d.generation = s.generation and d.state = 'running'
        join users o on o.id = d.owner_id and o.disabled_at is null
        join desktop_types t on t.id = d.type_id and t.client = 'vnc'
    where s.expires_at > now();
