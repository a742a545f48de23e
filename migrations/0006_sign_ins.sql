-- What a person sees of their own sign-ins, and what a provider may end.
alter table login_sessions
    add column provider_id uuid references oidc_providers on delete set null,
    -- The provider's own name of the session, for back-channel logout.
    add column oidc_sid text,
    add column oidc_issuer text,
    add column oidc_subject text,
    -- Sealed: a hint for signing out at the provider, and the key for reading groups and role anew.
    add column id_token bytea,
    add column refresh_token bytea,
    add column refresh_at timestamptz,
    add column refreshing_until timestamptz,
    -- Where from: the caller's address and the browser's own words, cut.
    add column client_ip text,
    add column user_agent text,
    add column last_used_at timestamptz not null default now(),
    -- Names the row on the account page: the hash is kept to ourselves.
    add column public_id uuid not null default gen_random_uuid();
create unique index login_sessions_public_id on login_sessions (public_id);
create index login_sessions_oidc on login_sessions (oidc_issuer, oidc_subject) where oidc_issuer is not null;
create index login_sessions_refresh on login_sessions (refresh_at) where refresh_token is not null;
