-- A link that was ended stays for a while, so that its visitors read by whom: the name is that of then.
alter table share_links
    add column ended_at timestamptz,
    add column ended_by text,
    add constraint share_link_end check ((ended_at is null) = (ended_by is null));

create or replace view live_shares as
    select s.id, s.desktop_id, s.access, s.key_hash, s.created_at, s.expires_at, d.owner_id, d.name as desktop_name,
        o.display_name as owner_name, t.title, t.slug as type_slug
    from share_links s
        join desktops d on d.id = s.desktop_id and d.generation = s.generation and d.state = 'running'
        join users o on o.id = d.owner_id and o.disabled_at is null
        join desktop_types t on t.id = d.type_id and t.client = 'vnc'
    where s.expires_at > now() and s.ended_at is null;
