-- name: record
-- Nothing comes back when the key was there before.
insert into ledger (stream, seq, key, at, event)
select ?1, (select coalesce(max(seq), 0) + 1 from ledger where stream = ?1), ?2, ?3, ?4
where true
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
