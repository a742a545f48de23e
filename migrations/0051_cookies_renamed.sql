-- Since when our cookies have names that no script can set. A session that is older is accepted once by the old name.
alter table installation add column cookies_renamed_at timestamptz not null default now();
