-- Where the numbered migrations of SQLite lead; a test compares both.

create table ledger (
    position integer primary key,
    stream text not null,
    seq integer not null,
    key text not null,
    at text not null,
    event text not null,
    unique (stream, key),
    unique (stream, seq)
);

create table readers (
    name text primary key,
    position integer not null
) without rowid;

create table tasks (
    position integer primary key,
    task text not null unique,
    person text not null,
    platform text not null,
    channel text not null,
    unfinished integer not null,
    undecided integer not null,
    entry text not null
);

create index tasks_unfinished on tasks (position) where unfinished;

create index tasks_undecided on tasks (position) where undecided;

create index tasks_by on tasks (person, position);

create index tasks_in on tasks (platform, channel, position);
