-- In a file of its own: a new value of an enum cannot be used in the transaction that adds it.
alter table users
    -- Nobody can sign in as a guest: the session it was made with is the only one it ever has.
    add constraint users_guest_has_no_way_in check (role <> 'guest' or (password_hash is null and issuer is null));
-- Which guests have nothing left is asked every few minutes.
create index users_guests on users (created_at) where role = 'guest';

create function keep_guests_guests() returns trigger language plpgsql as $$
begin
    raise exception 'a guest stays a guest, and nobody becomes one' using errcode = 'check_violation';
end $$;
create trigger users_guest_stays before update of role on users for each row
    when ((old.role = 'guest') <> (new.role = 'guest')) execute function keep_guests_guests();
