-- Who began to listen for connections?
-- since: a time in UTC
SELECT time, connection_local_address AS address, connection_local_port AS port, process_exe AS exe,
  process_command_line AS command_line, container_name, process_id, node
FROM events WHERE kind = 'listen' AND time >= $since::TIMESTAMP_NS ORDER BY time
