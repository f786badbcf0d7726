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
