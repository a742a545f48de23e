-- Server settings that administrators change while the server runs: one row for each that was ever set
-- (src/settings/value.rs). A row without a value stands for the default, and still says who chose it.
create table server_settings (
    key text primary key constraint server_settings_key_form check (key ~ '^[a-z_]{1,60}$'),
    value jsonb,
    -- A secret, sealed with SECRET_KEY.
    sealed bytea,
    set_by uuid references users on delete set null,
    -- By the clock at the moment it is written: writers take turns, so a later change has a later time.
    set_at timestamptz not null default clock_timestamp(),
    constraint server_settings_one_value check (value is null or sealed is null)
);
create index server_settings_set_by on server_settings (set_by) where set_by is not null;

create function notify_server_settings() returns trigger language plpgsql as $$
begin
    perform pg_notify('deskcast_settings', '');
    return null;
end
$$;
create trigger server_settings_notify after insert or update or delete on server_settings
    for each statement execute function notify_server_settings();
