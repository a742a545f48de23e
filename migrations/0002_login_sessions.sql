-- Signed-in browsers and scripts. The row is found by the SHA-256 of the id; the id itself is stored nowhere,
-- so whoever reads this table cannot sign in with it.
create table login_sessions (
    id_hash bytea primary key,
    user_id uuid references users on delete cascade,
    data jsonb not null,
    created_at timestamptz not null default now(),
    -- Moves forward with use (idle limit), never past ends_at (absolute limit). Rows are kept for a while after
    -- it, so that a caller hears "expired" and not "invalid".
    expires_at timestamptz not null,
    ends_at timestamptz not null
);
create index login_sessions_user on login_sessions (user_id);
create index login_sessions_expiry on login_sessions (expires_at);

-- Named keys for scripts, made on the account page or by /api/tokens; shown once, only the hash is kept.
create table api_tokens (
    id uuid primary key,
    user_id uuid not null references users on delete cascade,
    name text not null constraint api_tokens_name_length check (length(name) between 1 and 100),
    token_hash bytea not null constraint api_tokens_hash_key unique,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    last_used_at timestamptz
);
create index api_tokens_user on api_tokens (user_id);
