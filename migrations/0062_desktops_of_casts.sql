-- Desktops that a cast launched stand beside those of the dashboard: another place, another card, other rules.
alter table desktops
    -- The cast, which may be gone by now, and its name at the time of the launch. None: started on the dashboard.
    add column cast_id uuid,
    add column cast_title text,
    -- Whoever comes again by the same link while it is live gets this one.
    add column resumes boolean not null default false,
    -- One of the cast's sessions was taken for it. It goes back unless the desktop comes to run.
    add column took_seat boolean not null default false,
    -- When it was counted for the visitor's address, and for which network.
    add column served_at timestamptz,
    add column served_to inet,
    -- The person's files are mounted in it; otherwise it has files of its own that go with it.
    add column with_home boolean not null default true,
    -- What the cast says about the page around it (desktops/desktop.rs).
    add column cast_options jsonb not null default '{}',
    -- A network of the engine; none: the one of all desktops.
    add column network text,
    add constraint desktops_cast_whole check ((cast_id is null) = (cast_title is null)),
    add constraint desktops_cast_alone check (cast_id is not null or not (resumes or took_seat));

update desktops d set with_home = false from users u where u.id = d.owner_id and u.role = 'guest';

-- The second click resumes: a person has at most one live desktop of a type, and by each link that resumes. What is being
-- stopped cannot be come back to.
drop index desktop_one_live_per_type;
create unique index desktop_one_live_per_type on desktops (owner_id, type_id)
    where cast_id is null and state in ('starting', 'running', 'stopping');
create unique index desktop_one_live_per_cast on desktops (owner_id, cast_id)
    where resumes and state in ('starting', 'running');
-- Two running containers never share a home: each rewrites the files that the other one lives on (kasm-image R5).
create unique index desktop_one_live_per_home on desktops (owner_id, type_id)
    where with_home and state in ('starting', 'running', 'stopping');
create index desktops_of_cast on desktops (owner_id, cast_id) where cast_id is not null;
-- Which of them are done is asked every few minutes.
create index desktops_of_casts_ended on desktops (ended_at) where cast_id is not null and state in ('stopped', 'failed');

-- One page of a link makes one desktop, however often it is sent, also when that desktop is gone.
create table cast_launches (
    id uuid constraint cast_launch_once primary key,
    desktop_id uuid not null,
    owner_id uuid not null references users on delete cascade,
    at timestamptz not null default now()
);
create index cast_launches_at on cast_launches (at);
create index cast_launches_owner on cast_launches (owner_id);

-- What a page of a link is signed with: shared by all replicas, and of no use for anything else.
alter table installation add column page_key bytea not null
    default decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex');

-- Refuses a launch that would be more than its person may have: raises desktops_limit_reached. Starts of one person take
-- turns by the lock of desktops/limits/store.rs. A function, because it sees what was committed while it waited; the
-- statement that calls it does not.
create function desktops_allowed(owner uuid, kind uuid, most_open float8, most_of_type float8, most_hours float8)
    returns boolean language plpgsql volatile as $$
declare
    fits boolean;
begin
    if coalesce(most_open, most_of_type, most_hours) is null then
        return true;
    end if;
    perform pg_advisory_xact_lock(hashtextextended('deskcast starts of ' || owner, 0));
    select (most_open is null or count(*) < most_open)
            and (most_of_type is null or count(*) filter (where d.type_id = kind) < most_of_type)
        into fits from desktops d where d.owner_id = owner and d.state in ('starting', 'running', 'stopping');
    if fits and most_hours is not null then
        select coalesce(sum(extract(epoch from
                coalesce(r.ended_at, now()) - greatest(r.began_at, date_trunc('day', now(), 'UTC')))), 0) < most_hours * 3600
            into fits from desktop_runs r
            where r.user_id = owner and (r.ended_at is null or r.ended_at > date_trunc('day', now(), 'UTC'));
    end if;
    if not fits then
        raise exception 'a limit of desktops is reached'
            using errcode = 'check_violation', constraint = 'desktops_limit_reached';
    end if;
    return true;
end $$;
