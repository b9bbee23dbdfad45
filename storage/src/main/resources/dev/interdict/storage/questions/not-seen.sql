-- What do we not know: where are events missing, and how many?
SELECT node, lane, reason, count(*) AS gaps, sum("count")::UBIGINT AS missing, bool_and(counted) AS exact,
  min(from_time) AS from_time, max(until_time) AS until_time
FROM gaps GROUP BY ALL ORDER BY missing DESC
