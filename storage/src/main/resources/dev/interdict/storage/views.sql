-- Views over the tables events and alerts. Each names its columns: a file of a newer version may bring more.

CREATE OR REPLACE VIEW gaps AS
SELECT node, epoch, sequence, time, gap_reason AS reason, gap_lane AS lane, gap_count AS count, gap_counted AS counted,
  gap_from_time AS from_time, gap_until_time AS until_time,
  gap_first_sequence AS first_sequence, gap_last_sequence AS last_sequence
FROM events WHERE kind = 'gap';

CREATE OR REPLACE VIEW nodes AS
SELECT node, min(time) AS first_time, max(time) AS last_time, count(*) AS events, count(DISTINCT epoch) AS epochs,
  count(*) FILTER (WHERE kind = 'gap') AS gaps, coalesce(sum(gap_count), 0)::UBIGINT AS lost
FROM events GROUP BY node;

-- One row for each process that did anything: what it was at the end, and whose child it was at the beginning.
CREATE OR REPLACE VIEW processes AS
SELECT node, process_id, any_value(process_pid) AS pid,
  min(time) AS first_time, max(time) AS last_time,
  min(time) FILTER (WHERE kind = 'exec') AS exec_time, max(time) FILTER (WHERE kind = 'exit') AS exit_time,
  any_value(exit_code) AS exit_code, any_value(exit_signal) AS exit_signal,
  arg_max(process_exe, time) AS exe, arg_max(process_command_line, time) AS command_line,
  arg_max(process_cwd, time) AS cwd, arg_max(process_uid, time) AS uid, arg_max(process_user, time) AS user_name,
  any_value(process_tty) AS tty, any_value(container_id) AS container_id, any_value(container_name) AS container_name,
  any_value(container_image) AS container_image, any_value(container_namespace) AS container_namespace,
  any_value(container_pod) AS container_pod,
  arg_min(parent_id, time) AS parent_id, arg_min(parent_pid, time) AS parent_pid,
  arg_min(parent_exe, time) AS parent_exe, arg_min(parent_command_line, time) AS parent_command_line,
  arg_min(ancestors_id, time) AS ancestors_id, arg_min(ancestors_exe, time) AS ancestors_exe,
  count(*) FILTER (WHERE kind = 'exec') AS execs, count(*) AS events
FROM events WHERE process_id IS NOT NULL GROUP BY node, process_id;

-- One row for each process and pair of end points, with what went over it by the end.
CREATE OR REPLACE VIEW connections AS
SELECT node, process_id, any_value(process_pid) AS pid, arg_max(process_exe, time) AS exe,
  any_value(container_id) AS container_id, any_value(container_name) AS container_name,
  CASE WHEN bool_or(kind = 'accept') THEN 'inbound' WHEN bool_or(kind = 'connect') THEN 'outbound' END AS direction,
  connection_protocol AS protocol,
  connection_local_address AS local_address, connection_local_port AS local_port,
  connection_remote_address AS remote_address, connection_remote_port AS remote_port,
  min(time) AS first_time, max(time) AS last_time,
  coalesce(sum(coalesce("count", 1)) FILTER (WHERE kind <> 'disconnect'), 0)::UBIGINT AS attempts,
  coalesce(sum(coalesce("count", 1)) FILTER (WHERE result < 0), 0)::UBIGINT AS failed,
  sum(connection_bytes_sent)::UBIGINT AS bytes_sent, sum(connection_bytes_received)::UBIGINT AS bytes_received,
  max(connection_duration) AS duration
FROM events WHERE kind IN ('connect', 'accept', 'udp', 'disconnect')
GROUP BY node, process_id, protocol, local_address, local_port, remote_address, remote_port;

CREATE OR REPLACE VIEW incidents AS
SELECT incident_id, any_value(incident_key) AS key, max(incident_score) AS score,
  arg_max(incident_summary, detected_time) AS summary, min(incident_first_time) AS first_time,
  max(incident_last_time) AS last_time, any_value(entity_node) AS node, any_value(container_name) AS container_name,
  list_sort(list(DISTINCT rule_title)) AS rules, list_sort(list_distinct(flatten(list(techniques)))) AS techniques,
  count(*) AS alerts, sum("count")::UBIGINT AS findings
FROM alerts WHERE incident_id IS NOT NULL GROUP BY incident_id;

-- Every event in a line for a person.
CREATE OR REPLACE VIEW activity AS
SELECT time, node, epoch, sequence, date, hour, node_prefix, kind, result, process_id, process_pid AS pid,
  process_exe AS exe, process_user AS user_name, container_id, container_name, container_pod, ancestors_id,
  CASE kind
    WHEN 'exec' THEN process_command_line
    WHEN 'exit' THEN CASE WHEN exit_signal > 0 THEN 'by signal ' || exit_signal ELSE 'with code ' || exit_code END
    WHEN 'fork' THEN concat_ws(' ', 'child', fork_child_pid, fork_namespaces)
    WHEN 'dup' THEN concat_ws(' ', dup_type, dup_path, 'onto', dup_to)
    WHEN 'dns' THEN concat_ws(' ', connection_question_type, connection_question)
    WHEN 'setuid' THEN concat_ws(' ', credentials_call, 'from', credentials_old_uid, 'to', credentials_uid)
    WHEN 'capset' THEN credentials_added
    WHEN 'readline' THEN shell_line
    WHEN 'tls' THEN concat_ws(' ', http_direction, http_method, http_host, http_path, http_status)
    WHEN 'authentication' THEN concat_ws(' ', login_operation, login_service, login_user, login_remote_host)
    WHEN 'container' THEN concat_ws(' ', lifecycle_operation, container_image)
    WHEN 'audit' THEN concat_ws(' ', audit_user, audit_verb, audit_resource, audit_namespace, audit_name, audit_command)
    WHEN 'sensor' THEN concat_ws(' ', sensor_component, sensor_state, sensor_detail)
    WHEN 'gap' THEN concat_ws(' ', gap_count, 'events missing:', gap_reason)
    ELSE concat_ws(' ', file_path, '-> ' || file_target, connection_path,
      connection_protocol, '[' || connection_remote_address || ']:' || connection_remote_port,
      mount_operation, mount_source, mount_target, target_operation, target_pid, target_exe,
      memory_operation, memory_name, memory_protection, code_operation, code_name, code_path,
      key_operation, key_description, namespaces_types)
  END AS detail
FROM events;
