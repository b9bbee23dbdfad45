-- What ran in a container in that time?
-- container: its id, the beginning of it, its name or pod; since, until: times in UTC
SELECT time, exe, detail AS command_line, user_name, pid, process_id
FROM timeline($container, $since, $until)
WHERE kind = 'exec'
