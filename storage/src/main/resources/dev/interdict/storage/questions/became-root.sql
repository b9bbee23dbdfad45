-- Who became root?
-- since: a time in UTC
SELECT time, process_exe AS exe, process_command_line AS command_line, credentials_call AS call,
  credentials_old_uid AS old_uid, container_name, process_id, node
FROM events
WHERE kind = 'setuid' AND result = 0 AND time >= $since::TIMESTAMP_NS
  AND credentials_old_uid <> 0 AND (credentials_uid = 0 OR credentials_euid = 0)
ORDER BY time
