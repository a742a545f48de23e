-- A guest who signs in may take their running desktop along. The session knows which guest its browser was until then;
-- a plain id, because guests are removed when nothing of theirs is left.
alter table login_sessions add column guest_id uuid;
-- When its person took it over from the guest they had been.
alter table desktops add column kept_at timestamptz;

-- Whose a desktop is, is told like every other change.
create trigger desktops_notify_owner after update of owner_id on desktops
    for each row execute function notify_desktop();
