-- How pages look to a person: kept here for their next browser, and in a cookie for the next page.
create type language as enum ('en', 'de');
create type theme as enum ('device', 'light', 'dark');
alter table users
    add column language language,
    add column theme theme not null default 'device';

-- OpenID providers, as an administrator edits them (contract/identity.md 1).
create type token_auth_method as enum ('client_secret_basic', 'client_secret_post', 'none');

create table oidc_providers (
    id uuid primary key,
    -- On the sign-in button, and in /login/oidc/<name>.
    name text not null constraint oidc_providers_name_form
        check (length(name) between 1 and 60 and name = btrim(name) and name !~ '[[:cntrl:]/\\?#%]'),
    logo_url text,
    enabled boolean not null default true,
    auto_provision boolean not null default true,
    auto_login boolean not null default false,
    is_default boolean not null default false,
    -- Discovery; or the single addresses below, which go before what discovery says.
    issuer text,
    authorization_url text,
    token_url text,
    userinfo_url text,
    jwks_url text,
    end_session_url text,
    client_id text not null,
    -- Sealed with a key derived from SECRET_KEY; never shown again.
    client_secret bytea,
    token_auth_method token_auth_method not null default 'client_secret_basic',
    scopes text[] not null default '{openid,profile,groups,email}',
    username_claim text not null default 'preferred_username',
    groups_claim text not null default 'groups',
    -- Compared exactly with a group's id (act) and name.
    admin_group text,
    teacher_group text,
    -- Empty: everybody may sign in.
    allowed_groups text[] not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create unique index oidc_providers_name_key on oidc_providers (lower(name));
create unique index oidc_providers_one_default on oidc_providers (is_default) where is_default;

-- A sign-in that is under way at a provider: bound to one browser, used once, gone after some minutes.
create table oidc_sign_ins (
    -- SHA-256 of the state the provider sends back.
    state_hash bytea primary key,
    provider_id uuid not null references oidc_providers on delete cascade,
    -- SHA-256 of the cookie of the browser it began in.
    browser_hash bytea not null,
    nonce text not null,
    pkce_verifier text not null,
    redirect_uri text not null,
    -- Where to go afterwards: a page of ours.
    next text not null,
    -- The administrator who only wants to see the claims; then nobody is signed in.
    tested_by uuid references users on delete cascade,
    expires_at timestamptz not null
);
create index oidc_sign_ins_expiry on oidc_sign_ins (expires_at);
