-- Which programs ran since that time and never before?
-- since: a time in UTC
SELECT process_exe AS exe, min(time) AS first_time, count(*) AS times, count(DISTINCT node) AS nodes,
  arg_min(process_command_line, time) AS first_command_line, arg_min(process_id, time) AS first_process_id
FROM events WHERE kind = 'exec'
GROUP BY process_exe HAVING min(time) >= $since::TIMESTAMP_NS ORDER BY first_time
