-- Who read sensitive files?
-- since: a time in UTC
SELECT file_path, process_exe AS exe, process_user AS user_name, min(time) AS first_time, count(*) AS times,
  any_value(process_id) AS a_process_id, node
FROM events
WHERE kind = 'open' AND file_watched AND time >= $since::TIMESTAMP_NS
GROUP BY ALL ORDER BY first_time
