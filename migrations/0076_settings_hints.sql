-- Settings of a desktop that runs may be tightened: every server that knows it must look again.
create or replace trigger desktops_notify after insert or delete or update of state, generation, creating_at, starting_at,
    waiting_at, ready_at, end_reason, endpoint, client_settings on desktops for each row execute function notify_desktop();
