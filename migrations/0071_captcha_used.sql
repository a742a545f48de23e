-- Solutions of a captcha that counted: each counts once, on whichever server it is shown. The statement that claims a
-- desktop writes them (desktops/casts/store.rs), so that a solution is used up exactly when a desktop is made of it.
create table captcha_used (
    -- SHA-256 of what makes a solution one of a kind.
    token bytea constraint captcha_counts_once primary key constraint captcha_used_token check (length(token) = 32),
    -- The page it counted for.
    page uuid not null,
    used_at timestamptz not null default now()
);
create index captcha_used_by_time on captcha_used (used_at);
