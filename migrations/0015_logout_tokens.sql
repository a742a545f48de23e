-- Logout tokens of providers that counted: none counts twice, whichever replica it comes to.
create table oidc_logout_tokens (
    -- SHA-256 of issuer and number (jti): both are as long as a provider likes.
    hash bytea primary key constraint oidc_logout_tokens_hash_form check (length(hash) = 32),
    -- Until then it could still be taken for a new one.
    expires_at timestamptz not null
);
create index oidc_logout_tokens_expiry on oidc_logout_tokens (expires_at);
