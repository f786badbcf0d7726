-- name: create
CREATE TABLE IF NOT EXISTS calls (
    id TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    tool TEXT NOT NULL,
    tries INTEGER NOT NULL,
    hub TEXT NOT NULL,
    result TEXT,
    at REAL NOT NULL
) STRICT;

-- name: find
SELECT fingerprint, tool, CASE hub WHEN :hub THEN tries ELSE 0 END, result FROM calls WHERE id = :id;

-- name: start
INSERT INTO calls (id, fingerprint, tool, tries, hub, at) VALUES (:id, :fingerprint, :tool, 1, :hub, :at)
ON CONFLICT (id) DO UPDATE SET tries = CASE hub WHEN :hub THEN tries + 1 ELSE 1 END, hub = :hub, at = :at;

-- name: finish
UPDATE calls SET result = :result, at = :at WHERE id = :id;

-- name: excuse
UPDATE calls SET tries = tries - 1 WHERE id = :id;

-- name: forget
DELETE FROM calls WHERE at < :before;
