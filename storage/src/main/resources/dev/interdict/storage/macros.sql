-- Questions of an investigation as table functions. A parameter hides a column of its name, so none has one.

-- Its ancestors (depth below zero), itself (0), and all that came of it, each below its parent.
CREATE OR REPLACE MACRO process_tree(wanted) AS TABLE
WITH family AS (
  SELECT node, process_id, process_pid, process_exe, process_command_line, process_user, kind, time, exit_code,
    exit_signal, ancestors_id, ancestors_pid, ancestors_exe, ancestors_command_line
  FROM events
  WHERE process_id = wanted::UBIGINT OR list_contains(ancestors_id, wanted::UBIGINT)
), below AS (
  SELECT node, process_id, any_value(process_pid) AS pid, arg_max(process_exe, time) AS exe,
    arg_max(process_command_line, time) AS command_line, arg_max(process_user, time) AS user_name,
    min(time) AS first_time, max(time) FILTER (WHERE kind = 'exit') AS exit_time, any_value(exit_code) AS exit_code,
    any_value(exit_signal) AS exit_signal, coalesce(arg_min(ancestors_id, time), []) AS ancestors
  FROM family GROUP BY node, process_id
), deep AS (
  SELECT *, coalesce(list_position(ancestors, wanted::UBIGINT), 0) AS depth FROM below
), begun AS (
  SELECT map(list(process_id), list(first_time)) AS times FROM below
), placed AS (
  SELECT deep.*,
    list_transform(list_append(list_reverse(ancestors[1:depth]), process_id), lambda x: {t: times[x], i: x}) AS place
  FROM deep, begun
), above AS (
  SELECT node, unnest(ancestors_id) AS process_id, unnest(ancestors_pid) AS pid, unnest(ancestors_exe) AS exe,
    unnest(ancestors_command_line) AS command_line, -generate_subscripts(ancestors_id, 1) AS depth
  FROM (SELECT * FROM family WHERE family.process_id = wanted::UBIGINT ORDER BY time LIMIT 1)
), everyone AS (
  SELECT node, process_id, pid, exe, command_line, NULL AS user_name, NULL AS first_time, NULL AS exit_time,
    NULL AS exit_code, NULL AS exit_signal, depth, NULL AS place FROM above
  UNION ALL
  SELECT node, process_id, pid, exe, command_line, user_name, first_time, exit_time, exit_code, exit_signal, depth,
    place FROM placed
)
SELECT depth, repeat('  ', (depth - min(depth) OVER ())::BIGINT) || exe AS process, pid, user_name, first_time,
  exit_time, exit_code, exit_signal, command_line, process_id, node
FROM everyone ORDER BY node, least(depth, 0), place;

-- What happened in a container, given by id, beginning of the id, name or pod.
CREATE OR REPLACE MACRO timeline(container, since, until) AS TABLE
SELECT time, kind, pid, exe, detail, result, user_name, process_id, node
FROM activity
WHERE (starts_with(container_id, container) OR container_name = container OR container_pod = container)
  AND date BETWEEN since::TIMESTAMP_NS::DATE AND until::TIMESTAMP_NS::DATE
  AND time BETWEEN since::TIMESTAMP_NS AND until::TIMESTAMP_NS
ORDER BY time, node, epoch, sequence;

CREATE OR REPLACE MACRO connections_of(wanted) AS TABLE
SELECT first_time, last_time, direction, protocol, local_address, local_port, remote_address, remote_port, attempts,
  failed, bytes_sent, bytes_received, pid, exe, node
FROM connections WHERE process_id = wanted::UBIGINT ORDER BY first_time;

-- The evidence of an alert, and what else its processes and their children did from five minutes before to five
-- minutes after. The id may be cut short.
CREATE OR REPLACE MACRO story(alert) AS TABLE
WITH told AS (
  SELECT id, evidence, entity_node, entity_process_id, time, coalesce(last_time, time) AS last_time
  FROM alerts WHERE starts_with(id, alert)
), proof AS (
  SELECT v.step AS step, v.node AS node, v.epoch AS epoch, v.sequence AS sequence, v.time AS time
  FROM told, unnest(evidence) AS u(v)
), span AS (
  SELECT (least(min(told.time), min(proof.time))::TIMESTAMP - INTERVAL 5 MINUTE)::TIMESTAMP_NS AS since,
    (max(told.last_time)::TIMESTAMP + INTERVAL 5 MINUTE)::TIMESTAMP_NS AS until
  FROM told LEFT JOIN proof ON true
), actors AS (
  SELECT list(DISTINCT process_id) AS ids FROM (
    SELECT e.process_id FROM events e JOIN proof p ON e.node = p.node AND e.epoch = p.epoch AND e.sequence = p.sequence
    WHERE e.date BETWEEN (SELECT since::DATE FROM span) AND (SELECT until::DATE FROM span)
      AND e.time BETWEEN (SELECT since FROM span) AND (SELECT until FROM span)
    UNION ALL SELECT entity_process_id FROM told WHERE entity_process_id <> 0)
)
SELECT a.time, p.step, a.kind, a.pid, a.exe, a.detail, a.result, a.user_name, a.container_name, a.process_id, a.node
FROM activity a
LEFT JOIN proof p ON a.node = p.node AND a.epoch = p.epoch AND a.sequence = p.sequence
WHERE a.date BETWEEN (SELECT since::DATE FROM span) AND (SELECT until::DATE FROM span)
  AND a.time BETWEEN (SELECT since FROM span) AND (SELECT until FROM span)
  AND a.node IN (SELECT node FROM proof UNION ALL SELECT entity_node FROM told)
  AND (p.step IS NOT NULL
    OR list_contains((SELECT ids FROM actors), a.process_id)
    OR list_has_any(a.ancestors_id, (SELECT ids FROM actors)))
ORDER BY a.time, a.node, a.epoch, a.sequence;

-- Where and when an image ran first, by its path.
CREATE OR REPLACE MACRO first_seen(image) AS TABLE
SELECT node, min(time) AS first_time, max(time) AS last_time, count(*) AS times,
  arg_min(process_command_line, time) AS first_command_line, arg_min(process_user, time) AS first_user,
  arg_min(parent_exe, time) AS first_parent, arg_min(container_image, time) AS first_container_image,
  arg_min(process_id, time) AS first_process_id
FROM events WHERE kind = 'exec' AND process_exe = image GROUP BY node ORDER BY first_time;

-- Who opened it for writing, made, renamed, linked, changed or removed it, under either of its names.
CREATE OR REPLACE MACRO who_wrote(path) AS TABLE
SELECT time, kind, process_exe AS exe, process_command_line AS command_line, process_user AS user_name,
  process_pid AS pid, file_path, file_target, result, container_name, process_id, node
FROM events
WHERE (file_path = path OR file_target = path)
  AND (kind IN ('rename', 'unlink', 'truncate', 'link', 'chmod', 'chown', 'mknod')
    OR kind = 'open' AND (file_write OR file_create))
ORDER BY time;
