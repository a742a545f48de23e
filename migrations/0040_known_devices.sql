-- Browsers that signed in to an account with its password. The cookie opens nothing: it only keeps the wrong tries of
-- such a browser apart from those of others. The row has its hash alone.
create table known_devices (
    user_id uuid not null references users on delete cascade,
    device_hash bytea not null,
    last_sign_in_at timestamptz not null default now(),
    primary key (user_id, device_hash)
);
create index known_devices_device on known_devices (device_hash);
