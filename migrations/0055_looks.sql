-- What people did that others may want to know later. Ids and names are those of that time: no row is changed or
-- removed when an account or a desktop is.
create table audit_events (
    id uuid primary key,
    at timestamptz not null default now(),
    -- What was done: a word of the code, such as look.began.
    kind text not null constraint audit_kind_form check (kind ~ '^[a-z_]{1,30}\.[a-z_]{1,40}$'),
    actor_id uuid not null,
    actor_name text not null,
    -- What it was done to, as far as there is such a thing.
    desktop_id uuid,
    desktop_name text,
    person_id uuid,
    person_name text,
    details jsonb not null default '{}' constraint audit_details_form check (jsonb_typeof(details) = 'object')
);
create index audit_events_order on audit_events (at desc, id desc);
create index audit_events_kind on audit_events (kind, at desc, id desc);
create index audit_events_actor on audit_events (actor_id, at desc, id desc);
create index audit_events_person on audit_events (person_id, at desc, id desc) where person_id is not null;

create type look_role as enum ('administrator', 'visitor');

-- Who looks at somebody else's running desktop now: one row a person, however many streams they have and on however
-- many servers. No foreign keys: the end of a look is written down although its desktop or person has just gone.
create table looks (
    id uuid primary key,
    desktop_id uuid not null,
    generation integer not null,
    desktop_name text not null,
    owner_id uuid not null,
    owner_name text not null,
    user_id uuid not null,
    user_name text not null,
    role look_role not null,
    -- Whether an administrator has taken control.
    controls boolean not null default false constraint look_control check (not controls or role = 'administrator'),
    began_at timestamptz not null default now(),
    -- When a server last knew of a stream.
    seen_at timestamptz not null default now(),
    -- The look is over when no server has moved this on.
    holds_until timestamptz not null,
    constraint look_once unique (desktop_id, generation, user_id)
);
create index looks_due on looks (holds_until);
create index looks_owner on looks (owner_id);

create function notify_look() returns trigger language plpgsql as $$
declare
    changed looks := coalesce(new, old);
begin
    if tg_op = 'UPDATE' and (old.controls, old.role) = (new.controls, new.role) then
        return null;
    end if;
    perform pg_notify('deskcast_look', json_build_object('desktop', changed.desktop_id, 'owner', changed.owner_id,
        'name', changed.desktop_name)::text);
    return null;
end
$$;
-- Not for the times: that somebody is still there changes nothing that is shown.
create trigger looks_notify after insert or delete or update of controls on looks
    for each row execute function notify_look();
