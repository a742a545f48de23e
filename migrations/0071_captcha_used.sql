-- Solutions of a captcha that counted (casting/captcha): each counts once, on whichever server it is shown. The page that
-- it counted for may show it again, as after a double click: a page makes at most one desktop anyway.
create table captcha_used (
    -- SHA-256 of what makes a solution one of a kind.
    token bytea primary key constraint captcha_used_token check (length(token) = 32),
    -- The page it counted for.
    page uuid not null,
    used_at timestamptz not null default now()
);
create index captcha_used_by_time on captcha_used (used_at);
