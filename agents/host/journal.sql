-- name: create
CREATE TABLE IF NOT EXISTS calls (
    id TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    tool TEXT NOT NULL,
    tries INTEGER NOT NULL,
    result TEXT,
    at REAL NOT NULL
) STRICT;

-- name: find
SELECT fingerprint, tool, tries, result FROM calls WHERE id = :id;

-- name: start
INSERT INTO calls (id, fingerprint, tool, tries, at) VALUES (:id, :fingerprint, :tool, 1, :at)
ON CONFLICT (id) DO UPDATE SET tries = tries + 1, at = :at;

-- name: finish
UPDATE calls SET result = :result, at = :at WHERE id = :id;

-- name: excuse
UPDATE calls SET tries = tries - 1 WHERE id = :id;

-- name: forget
DELETE FROM calls WHERE at < :before;
