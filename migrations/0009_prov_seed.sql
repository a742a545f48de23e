-- When the provider of OAUTH_* was made: once, so that it does not come back after an administrator removed it.
alter table installation add column oauth_seeded_at timestamptz;
