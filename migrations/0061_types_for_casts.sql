-- What casts need to know of desktop types.
-- container: started here from an image. server: a machine that is there already and is reached by its address.
create type type_kind as enum ('container', 'server');
create type server_protocol as enum ('rdp', 'vnc', 'ssh');

alter table desktop_types
    add column kind type_kind not null default 'container',
    add column server_host text constraint desktop_types_server_host check (length(server_host) between 1 and 253),
    add column server_port integer constraint desktop_types_server_port check (server_port between 1 and 65535),
    add column server_protocol server_protocol,
    -- Whether what is started opens the address it is given (KASM_URL).
    add column takes_address boolean not null default false,
    add column allow_network_selection boolean not null default false,
    -- Names of networks of the engine that a link may choose from.
    add column networks text[] not null default '{}',
    add constraint desktop_types_server_whole check (kind = 'container'
        or (server_host is not null and server_port is not null and server_protocol is not null)),
    add constraint desktop_types_server_takes_no_address check (kind = 'container' or not takes_address);

-- Types that were given an address to open, and those of browsers.
update desktop_types set takes_address = true
    where start_url is not null or image ~ '/(browser|chrome|chromium|edge|firefox|brave|opera|vivaldi|tor-browser)(:|@|$)';
