-- What was run that had just been written, was deleted, or never was a file?
-- since: a time in UTC
SELECT time, process_exe AS exe, process_command_line AS command_line, exec_just_written AS just_written,
  exec_deleted AS deleted, exec_memfd AS memfd, exec_writer_id AS writer_id, container_name, process_id, node
FROM events
WHERE kind = 'exec' AND time >= $since::TIMESTAMP_NS AND (exec_just_written OR exec_deleted OR exec_memfd)
ORDER BY time
