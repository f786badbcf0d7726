-- name: lock
-- One writer at a time over all processes: positions become visible in order and without gaps.
-- A statement of its own, because an insert sees what was committed before the insert began.
select pg_advisory_xact_lock(hashtext('threadwork.ledger'));

-- name: record
-- Returns nothing if the key existed before, or the stream has newer facts than expected.
insert into ledger (position, stream, seq, key, at, event)
select
    (select coalesce(max(position), 0) + 1 from ledger),
    %(stream)s, newest.seq + 1, %(key)s, %(at)s, %(event)s
from (select coalesce(max(seq), 0) as seq from ledger where stream = %(stream)s) as newest
where %(expects)s::bigint is null or newest.seq = %(expects)s::bigint
on conflict (stream, key) do nothing
returning position, seq;

-- name: notify
select pg_notify('threadwork_ledger', (select coalesce(max(position), 0)::text from ledger));

-- name: earlier
select position, seq, at, event from ledger where stream = %(stream)s and key = %(key)s;

-- name: read
select stream, seq, key, at, event from ledger where stream = %s and seq > %s order by seq;

-- name: streams
select stream from ledger where seq = 1 and starts_with(stream, %s) order by position;

-- name: position
select coalesce(max(position), 0) from ledger;

-- name: since
select position, stream, seq, key, at, event from ledger where position > %s order by position limit %s;

-- name: mark
insert into readers as held (name, position) values (%s, %s)
on conflict (name) do update set position = greatest(held.position, excluded.position);

-- name: marked
select position from readers where name = %s;

-- name: entry
select entry from tasks where task = %s;

-- name: list_task
insert into tasks (position, task, person, platform, channel, unfinished, undecided, entry)
values (%(position)s, %(task)s, %(person)s, %(platform)s, %(channel)s, %(unfinished)s, %(undecided)s, %(entry)s)
on conflict (task) do update
set unfinished = excluded.unfinished, undecided = excluded.undecided, entry = excluded.entry;

-- name: all_tasks
select entry from tasks where position < %(before)s
and (%(person)s::text is null or person = %(person)s) and (%(platform)s::text is null or platform = %(platform)s) and (%(channel)s::text is null or channel = %(channel)s)
order by position desc limit %(most)s::bigint;

-- name: unfinished_tasks
-- Through an index of these alone: ended tasks cost nothing.
select entry from tasks where unfinished and position < %(before)s and (undecided or not %(undecided)s)
and (%(person)s::text is null or person = %(person)s) and (%(platform)s::text is null or platform = %(platform)s) and (%(channel)s::text is null or channel = %(channel)s)
order by position desc limit %(most)s::bigint;

-- name: undecided_tasks
select entry from tasks where undecided and position < %(before)s
and (%(person)s::text is null or person = %(person)s) and (%(platform)s::text is null or platform = %(platform)s) and (%(channel)s::text is null or channel = %(channel)s)
order by position desc limit %(most)s::bigint;

-- name: tasks_by
select entry from tasks where person = %(person)s and position < %(before)s
and (%(platform)s::text is null or platform = %(platform)s) and (%(channel)s::text is null or channel = %(channel)s)
order by position desc limit %(most)s::bigint;

-- name: tally
select count(*), count(*) filter (where unfinished), coalesce(sum((entry::jsonb ->> 'cost')::float8), 0),
coalesce(sum((entry::jsonb ->> 'unpriced')::bigint), 0)
from tasks where person = %(person)s
and (%(since)s::text is null or (entry::jsonb ->> 'opened') collate "C" >= %(since)s::text);

-- name: tasks_in
select entry from tasks where platform = %(platform)s and channel = %(channel)s and position < %(before)s
order by position desc limit %(most)s::bigint;

-- name: facts
select position, stream, seq, key, at, event from ledger order by stream, seq;
