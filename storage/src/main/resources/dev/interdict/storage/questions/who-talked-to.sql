-- Who talked to that address, and how much?
-- address: without the port
SELECT first_time, last_time, direction, remote_port, exe, pid, container_name, attempts, failed, bytes_sent,
  bytes_received, node, process_id
FROM connections WHERE remote_address = $address ORDER BY first_time
