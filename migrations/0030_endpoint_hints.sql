-- A container that is restarted by hand may answer at another address: every replica must hear of it.
drop trigger desktops_notify on desktops;
create trigger desktops_notify after insert or delete or update of state, generation, creating_at, starting_at,
    waiting_at, ready_at, end_reason, endpoint on desktops for each row execute function notify_desktop();
