-- A role that changes and an account that is switched off or removed take effect on every replica at once: the word
-- makes each look again at everything it remembers (src/auth/ended.rs). Whoever writes such a change need not think
-- of it.
create function notify_who_may() returns trigger language plpgsql as $$
begin
    perform pg_notify('deskcast_session', 'look');
    return null;
end $$;

create trigger users_role_changed after update of role, disabled_at on users for each row
    when (old.role is distinct from new.role or old.disabled_at is distinct from new.disabled_at)
    execute function notify_who_may();
create trigger users_removed after delete on users for each row execute function notify_who_may();
