-- Who logged in, from where, and who failed to?
-- since: a time in UTC
SELECT login_user, login_remote_host AS remote_host, login_service AS service, login_operation AS operation,
  count(*) FILTER (WHERE login_success) AS succeeded, count(*) FILTER (WHERE NOT login_success) AS failed,
  min(time) AS first_time, max(time) AS last_time, node
FROM events
WHERE kind = 'authentication' AND time >= $since::TIMESTAMP_NS
GROUP BY ALL ORDER BY first_time
