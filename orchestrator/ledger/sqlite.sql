-- name: record
-- Returns nothing if the key existed before, or the stream has newer facts than expected (?5).
insert into ledger (stream, seq, key, at, event)
select ?1, newest.seq + 1, ?2, ?3, ?4
from (select coalesce(max(seq), 0) as seq from ledger where stream = ?1) as newest
where ?5 is null or newest.seq = ?5
on conflict (stream, key) do nothing
returning position, seq;

-- name: earlier
select position, seq, at, event from ledger where stream = ? and key = ?;

-- name: read
select stream, seq, key, at, event from ledger where stream = ? and seq > ? order by seq;

-- name: streams
select stream from ledger where seq = 1 and substr(stream, 1, length(?1)) = ?1 order by position;

-- name: position
select coalesce(max(position), 0) from ledger;

-- name: since
select position, stream, seq, key, at, event from ledger where position > ? order by position limit ?;

-- name: mark
insert into readers (name, position) values (?, ?)
on conflict (name) do update set position = max(position, excluded.position);

-- name: marked
select position from readers where name = ?;

-- name: entry
select entry from tasks where task = ?;

-- name: list_task
insert into tasks (position, task, person, platform, channel, unfinished, undecided, entry)
values (:position, :task, :person, :platform, :channel, :unfinished, :undecided, :entry)
on conflict (task) do update
set unfinished = excluded.unfinished, undecided = excluded.undecided, entry = excluded.entry;

-- name: all_tasks
select entry from tasks where position < :before
and (:person is null or person = :person) and (:platform is null or platform = :platform) and (:channel is null or channel = :channel)
order by position desc limit coalesce(:most, -1);

-- name: unfinished_tasks
-- Through an index of these alone: ended tasks cost nothing.
select entry from tasks where unfinished and position < :before and (undecided or not :undecided)
and (:person is null or person = :person) and (:platform is null or platform = :platform) and (:channel is null or channel = :channel)
order by position desc limit coalesce(:most, -1);

-- name: undecided_tasks
select entry from tasks where undecided and position < :before
and (:person is null or person = :person) and (:platform is null or platform = :platform) and (:channel is null or channel = :channel)
order by position desc limit coalesce(:most, -1);

-- name: tasks_by
select entry from tasks where person = :person and position < :before
and (:platform is null or platform = :platform) and (:channel is null or channel = :channel)
order by position desc limit coalesce(:most, -1);

-- name: tally
select count(*), coalesce(sum(unfinished), 0), coalesce(sum(json_extract(entry, '$.cost')), 0),
coalesce(sum(json_extract(entry, '$.unpriced')), 0)
from tasks where person = :person and (:since is null or json_extract(entry, '$.opened') >= :since);

-- name: tasks_in
select entry from tasks where platform = :platform and channel = :channel and position < :before
order by position desc limit coalesce(:most, -1);

-- name: facts
select position, stream, seq, key, at, event from ledger order by stream, seq;
