-- A sign-in with a provider that came back while somebody else was signed in in that browser. It waits for whoever sits
-- there to say who they want to be; it counts once, and is gone after some minutes.
create table oidc_switches (
    -- SHA-256 of the secret in the page that asks.
    secret_hash bytea primary key,
    -- SHA-256 of the cookie of the browser it came to.
    browser_hash bytea not null,
    -- Who is signed in, and who would be.
    here uuid not null references users on delete cascade,
    there uuid not null references users on delete cascade,
    -- What the session would keep of the provider, sealed where login_sessions has it sealed.
    provider_id uuid not null references oidc_providers on delete cascade,
    oidc_issuer text not null,
    oidc_subject text not null,
    oidc_sid text,
    id_token bytea,
    refresh_token bytea,
    -- Seconds from the beginning of the session.
    refresh_in double precision not null,
    -- Where to go afterwards: a page of ours.
    next text not null,
    expires_at timestamptz not null
);
create index oidc_switches_expiry on oidc_switches (expires_at);
