-- Where the numbered migrations of PostgreSQL lead; a test compares both.

create table ledger (
    position bigint primary key,
    stream text collate "C" not null,
    seq bigint not null,
    key text collate "C" not null,
    at timestamptz not null,
    event text not null,
    unique (stream, key),
    unique (stream, seq)
);

create table readers (
    name text primary key,
    position bigint not null
);

create table tasks (
    position bigint primary key,
    task text collate "C" not null unique,
    person text collate "C" not null,
    platform text collate "C" not null,
    channel text collate "C" not null,
    unfinished boolean not null,
    undecided boolean not null,
    entry text not null
);

create index tasks_unfinished on tasks (position) where unfinished;

create index tasks_undecided on tasks (position) where undecided;

create index tasks_by on tasks (person, position);

create index tasks_in on tasks (platform, channel, position);
