-- A token outlives nothing that let its maker in: when a provider is removed, so are the tokens of those who came with it.
alter table api_tokens add column provider_id uuid references oidc_providers on delete cascade;
create index api_tokens_provider on api_tokens (provider_id) where provider_id is not null;

-- Of tokens that are there already only the sign-ins of today tell.
update api_tokens t set provider_id = (
    select s.provider_id from login_sessions s
    where s.user_id = t.user_id and s.provider_id is not null order by s.created_at desc limit 1
);
