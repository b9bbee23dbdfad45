-- Which processes were started with a network connection as their input?
-- since: a time in UTC
SELECT time, process_exe AS exe, process_command_line AS command_line, parent_exe, container_name, process_id, node
FROM events
WHERE kind = 'exec' AND exec_stdin = 'socket' AND time >= $since::TIMESTAMP_NS ORDER BY time
