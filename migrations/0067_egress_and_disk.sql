-- What a type's desktops may reach, and how much they may write besides their home; null: what the server says.
create type egress as enum ('internet', 'everything', 'none');
alter table desktop_types
    add column egress egress,
    add column disk_mb bigint check (disk_mb between 256 and 10485760);
