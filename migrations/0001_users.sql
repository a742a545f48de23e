-- People. A local account has a password hash; an account of an OpenID provider has (issuer, subject), which
-- alone identify it: names and addresses may change hands (contract/identity.md 2).
create type user_role as enum ('user', 'teacher', 'admin');

create table users (
    id uuid primary key,
    -- First part of every desktop name of this person. Given once, never changed: URLs and volumes hang on it.
    slug text not null constraint users_slug_key unique
        constraint users_slug_form check (slug ~ '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$' and length(slug) <= 32),
    username text not null constraint users_username_length check (length(username) between 1 and 200),
    display_name text not null,
    email text,
    role user_role not null default 'user',
    avatar_url text,
    -- Argon2id in PHC form; only local accounts have one.
    password_hash text,
    issuer text,
    subject text,
    disabled_at timestamptz,
    created_at timestamptz not null default now(),
    last_sign_in_at timestamptz,
    constraint users_identity_key unique (issuer, subject),
    constraint users_identity_whole check ((issuer is null) = (subject is null))
);

-- Two local accounts never differ by letter case alone.
create unique index users_local_username_key on users (lower(username)) where issuer is null;
