-- The list of tasks. `task_rows.py` fills it from the facts of an older database.

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
