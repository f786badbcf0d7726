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
