-- The list of tasks. `task_rows.py` fills it from the facts of an older database.

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
