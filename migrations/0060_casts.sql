-- Casts: links that start a desktop (contract casting 1). Every column but the last ones is a field of the form.
create table casts (
    id uuid primary key,
    -- For administrators.
    name text not null constraint casts_name_length check (length(name) between 1 and 200),
    -- The last part of the link.
    key text not null constraint casts_key_key unique constraint casts_key_form check (key ~ '^[A-Za-z0-9_-]{1,64}$'),
    type_id uuid not null references desktop_types,
    enabled boolean not null default true,
    allow_resume boolean not null default false,
    allow_anonymous boolean not null default false,
    require_captcha boolean not null default false,
    anonymous_group uuid references user_groups on delete set null,
    limit_total_sessions boolean not null default false,
    -- Goes down by one with each session served and back up when its start fails. Never below nothing.
    sessions_remaining integer constraint casts_remaining check (sessions_remaining >= 0),
    limit_requests_per_ip boolean not null default false,
    sessions_allowed integer constraint casts_allowed check (sessions_allowed between 1 and 100000),
    within_seconds integer constraint casts_within check (within_seconds between 1 and 31536000),
    kasm_url text constraint casts_kasm_url check (length(kasm_url) between 1 and 2048),
    allow_dynamic_kasm_url boolean not null default false,
    allow_dynamic_docker_network boolean not null default false,
    error_url text constraint casts_error_url check (length(error_url) between 1 and 2048),
    disable_control_panel boolean not null default false,
    disable_tips boolean not null default false,
    enable_sharing boolean not null default false,
    disable_shared_fixed_resolution boolean not null default false,
    -- Names of hosts in small letters; none: from everywhere.
    restrict_to_referrers text[] not null default '{}',
    enforce_client_settings boolean not null default false,
    -- groups/settings.rs: ten switches, each on or off.
    client_settings jsonb not null default '{}',
    -- casting/rules/remote_app.rs
    remote_app jsonb,
    valid_until timestamptz,
    created_at timestamptz not null default now(),
    created_by uuid references users on delete set null,
    changed_at timestamptz not null default now(),
    changed_by uuid references users on delete set null,
    constraint casts_captcha_of_anonymous check (allow_anonymous or not require_captcha),
    constraint casts_total_limited check (not limit_total_sessions or sessions_remaining is not null),
    constraint casts_requests_limited check (
        not limit_requests_per_ip or (sessions_allowed is not null and within_seconds is not null))
);
-- Two names never look the same: neither by letter case nor by how their letters are composed. Also the order of lists.
create unique index casts_name_key on casts (lower(normalize(name, NFKC)));
create index casts_type on casts (type_id);
create index casts_anonymous_group on casts (anonymous_group) where anonymous_group is not null;
create index casts_created_by on casts (created_by) where created_by is not null;
create index casts_changed_by on casts (changed_by) where changed_by is not null;

-- A cast whose group is removed would let strangers in with fewer limits than somebody meant: it is switched off.
create function switch_off_casts_of_group() returns trigger language plpgsql as $$
begin
    update casts set enabled = false where anonymous_group = old.id and allow_anonymous;
    return old;
end $$;
create trigger user_groups_casts_off before delete on user_groups for each row
    execute function switch_off_casts_of_group();

-- What was asked of casts: one row for each request that was served or refused. It names what may be gone meanwhile.
create table cast_log (
    id uuid primary key,
    at timestamptz not null default now(),
    -- None: no cast has the key.
    cast_id uuid,
    -- As it was asked for.
    cast_key text not null constraint cast_log_key_length check (length(cast_key) <= 64),
    -- None: it was served. Otherwise a code of casting/refusal.rs.
    refusal text constraint cast_log_refusal_length check (length(refusal) between 1 and 40),
    -- A whole address at first, later the network it is in.
    address inet not null,
    address_shortened boolean not null default false,
    -- The host the visitor came from, if the browser said so.
    referrer text constraint cast_log_referrer_length check (length(referrer) <= 255),
    -- A signed-in person or a guest.
    user_id uuid,
    user_name text constraint cast_log_user_length check (length(user_name) <= 200),
    desktop_id uuid,
    -- What the visitor's page showed.
    reference text constraint cast_log_reference_length check (length(reference) <= 40)
);
create index cast_log_of_cast on cast_log (cast_id, id desc);
create index cast_log_refused_of_cast on cast_log (cast_id, id desc) where refusal is not null;
create index cast_log_refused on cast_log (id desc) where refusal is not null;
create index cast_log_by_time on cast_log (at);
create index cast_log_whole on cast_log (at) where not address_shortened;

-- What the list of casts shows of a day (UTC), so that nobody counts it out of the log. It goes with its cast.
create table cast_days (
    cast_id uuid not null references casts on delete cascade,
    day date not null,
    served bigint not null default 0 constraint cast_days_served check (served >= 0),
    refused bigint not null default 0 constraint cast_days_refused check (refused >= 0),
    primary key (cast_id, day)
) with (fillfactor = 50);
