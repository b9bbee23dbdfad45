-- Which processes sent the most to others?
-- since: a time in UTC
SELECT exe, container_name, remote_address, sum(bytes_sent)::UBIGINT AS bytes_sent, count(*) AS connections,
  min(first_time) AS first_time, node
FROM connections WHERE direction = 'outbound' AND last_time >= $since::TIMESTAMP_NS
GROUP BY ALL ORDER BY bytes_sent DESC NULLS LAST
