-- Groups: what applies to their members, and who may use which desktop type.
create table user_groups (
    id uuid primary key,
    name text not null constraint user_groups_name_length check (length(name) between 1 and 200),
    description text not null default '',
    -- Small goes first: of two groups that both set something, the one with the smaller number counts.
    priority integer not null default 100 constraint user_groups_priority check (priority between 0 and 10000),
    -- Everybody is a member; cannot be removed.
    everybody boolean not null default false,
    -- A group of a provider, known there by external_id; its members are read anew at every sign-in.
    provider_id uuid references oidc_providers on delete cascade,
    external_id text,
    -- groups/settings.rs; a key that is missing is not set by this group.
    settings jsonb not null default '{}',
    created_at timestamptz not null default now(),
    constraint user_groups_of_provider check ((provider_id is null) = (external_id is null)),
    constraint user_groups_external_key unique (provider_id, external_id)
);
create unique index user_groups_name_key on user_groups (lower(name)) where provider_id is null;
create unique index user_groups_one_everybody on user_groups (everybody) where everybody;
insert into user_groups (id, name, everybody, priority) values (gen_random_uuid(), 'All Users', true, 10000);

create table group_members (
    group_id uuid not null references user_groups on delete cascade,
    user_id uuid not null references users on delete cascade,
    primary key (group_id, user_id)
);
create index group_members_user on group_members (user_id);

-- A type without a row here is everybody's.
create table desktop_type_groups (
    type_id uuid not null references desktop_types on delete cascade,
    group_id uuid not null references user_groups on delete cascade,
    primary key (type_id, group_id)
);
create index desktop_type_groups_group on desktop_type_groups (group_id);
