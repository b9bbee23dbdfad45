-- Classes of OCSF 1.8 over events and alerts. ocsf_base is what all classes of events have.

CREATE OR REPLACE VIEW ocsf_base AS
SELECT events.*, epoch_ms(time::TIMESTAMP) AS time_ms,
  {version: '1.8.0', product: {name: 'Interdict', vendor_name: 'Interdict'}, uid: concat_ws('/', node, epoch, sequence),
    sequence: sequence, log_version: epoch::VARCHAR} AS metadata,
  {uid: node, type_id: 1} AS device,
  CASE WHEN result < 0 THEN 2 ELSE 1 END AS status_id,
  CASE WHEN container_id IS NOT NULL THEN
    {uid: container_id, name: container_name, image: {name: container_image}, runtime: container_runtime}
  END AS container,
  CASE WHEN parent_id IS NOT NULL THEN
    {uid: parent_id::VARCHAR, pid: parent_pid, name: parent_name, cmd_line: parent_command_line,
      file: {path: parent_exe, name: parent_name, type_id: 1}, user: {uid: parent_uid::VARCHAR}}
  END AS parent_process,
  {uid: process_id::VARCHAR, pid: process_pid, name: process_name, cmd_line: process_command_line,
    working_directory: process_cwd, tty: process_tty,
    file: {path: process_exe, name: process_name, type_id: 1},
    user: {uid: process_uid::VARCHAR, name: process_user},
    ancestry: list_transform(ancestors_id, lambda x, i: {uid: x::VARCHAR, path: ancestors_exe[i],
      name: ancestors_name[i], cmd_line: ancestors_command_line[i]})} AS process,
  coalesce("count", 1) AS observed
FROM events;

CREATE OR REPLACE VIEW ocsf_process_activity AS
SELECT 1007 AS class_uid, 1 AS category_uid, activity_id, 100700 + activity_id AS type_uid, 1 AS severity_id, status_id,
  time_ms AS time, time_dt, observed AS count, metadata, device, container, actor, process, exit_code, operation
FROM (
  SELECT CASE kind WHEN 'exec' THEN 1 WHEN 'fork' THEN 1 WHEN 'exit' THEN 2 WHEN 'ptrace' THEN 3 WHEN 'vmwrite' THEN 4
      WHEN 'setuid' THEN 5 ELSE 99 END AS activity_id,
    status_id, time_ms, time AS time_dt, observed, metadata, device, container,
    CASE WHEN kind = 'exec' THEN {process: parent_process} ELSE {process: {uid: process.uid, pid: process.pid,
      name: process.name, cmd_line: process.cmd_line, file: process.file, user: process.user}} END AS actor,
    CASE WHEN kind = 'fork' THEN {uid: fork_child_id::VARCHAR, pid: fork_child_pid, file: process.file}
      WHEN kind IN ('ptrace', 'vmwrite', 'signal') THEN {uid: target_id::VARCHAR, pid: target_pid,
        file: {path: target_exe, name: NULL, type_id: 1}}
      ELSE {uid: process.uid, pid: process.pid, file: process.file, name: process.name, cmd_line: process.cmd_line,
        working_directory: process.working_directory, tty: process.tty, user: process.user,
        ancestry: process.ancestry} END AS process,
    exit_code, coalesce(target_operation, credentials_call, kind) AS operation
  FROM ocsf_base WHERE kind IN ('exec', 'fork', 'exit', 'ptrace', 'vmwrite', 'setuid', 'capset', 'signal'));

CREATE OR REPLACE VIEW ocsf_file_activity AS
SELECT 1001 AS class_uid, 1 AS category_uid, activity_id, 100100 + activity_id AS type_uid, 1 AS severity_id, status_id,
  time_ms AS time, time AS time_dt, observed AS count, metadata, device, container, {process: process} AS actor,
  {path: file_path, name: file_name, uid: file_inode::VARCHAR, size: file_length,
    type_id: CASE file_type WHEN 'directory' THEN 2 WHEN 'character' THEN 3 WHEN 'block' THEN 4 WHEN 'socket' THEN 5
      WHEN 'fifo' THEN 6 ELSE 1 END, owner: {uid: file_owner::VARCHAR}} AS file,
  CASE WHEN file_target IS NOT NULL THEN {path: file_target, type_id: CASE WHEN file_symbolic THEN 7 ELSE 1 END} END
    AS file_result
FROM (
  SELECT *, CASE kind WHEN 'open' THEN CASE WHEN file_create THEN 1 WHEN file_write THEN 3 ELSE 2 END
      WHEN 'unlink' THEN 4 WHEN 'rename' THEN 5 WHEN 'truncate' THEN 3 WHEN 'chmod' THEN 7 WHEN 'chown' THEN 7
      WHEN 'mknod' THEN 1 WHEN 'link' THEN 1 ELSE 99 END AS activity_id
  FROM ocsf_base
  WHERE kind IN ('open', 'unlink', 'rename', 'truncate', 'chmod', 'chown', 'mknod', 'link'));

CREATE OR REPLACE VIEW ocsf_network_activity AS
SELECT 4001 AS class_uid, 4 AS category_uid, activity_id, 400100 + activity_id AS type_uid, 1 AS severity_id, status_id,
  time_ms AS time, time AS time_dt, observed AS count, metadata, device, container, {process: process} AS actor,
  {protocol_name: connection_protocol, protocol_ver_id: CASE connection_family WHEN 'inet' THEN 4 WHEN 'inet6' THEN 6 END,
    direction_id: CASE kind WHEN 'accept' THEN 1 WHEN 'connect' THEN 2 ELSE 0 END} AS connection_info,
  CASE WHEN kind = 'accept' THEN {ip: connection_remote_address, port: connection_remote_port}
    ELSE {ip: connection_local_address, port: connection_local_port} END AS src_endpoint,
  CASE WHEN kind IN ('accept', 'listen') THEN {ip: connection_local_address, port: connection_local_port}
    ELSE {ip: connection_remote_address, port: connection_remote_port} END AS dst_endpoint,
  {bytes_out: connection_bytes_sent, bytes_in: connection_bytes_received} AS traffic,
  connection_duration // 1000000 AS duration
FROM (
  SELECT *, CASE WHEN kind = 'listen' THEN 7 WHEN kind = 'disconnect' THEN 2 WHEN kind = 'udp' THEN 6
      WHEN result = -111 THEN 5 WHEN result < 0 THEN 4 ELSE 1 END AS activity_id
  FROM ocsf_base WHERE kind IN ('connect', 'accept', 'listen', 'udp', 'disconnect'));

CREATE OR REPLACE VIEW ocsf_dns_activity AS
SELECT 4003 AS class_uid, 4 AS category_uid, 1 AS activity_id, 400301 AS type_uid, 1 AS severity_id, status_id,
  time_ms AS time, time AS time_dt, observed AS count, metadata, device, container, {process: process} AS actor,
  {hostname: connection_question, type: connection_question_type} AS query,
  {ip: connection_local_address, port: connection_local_port} AS src_endpoint,
  {ip: connection_remote_address, port: connection_remote_port} AS dst_endpoint
FROM ocsf_base WHERE kind = 'dns';

CREATE OR REPLACE VIEW ocsf_http_activity AS
SELECT 4002 AS class_uid, 4 AS category_uid, activity_id, 400200 + activity_id AS type_uid, 1 AS severity_id, status_id,
  time_ms AS time, time AS time_dt, observed AS count, metadata, device, container, {process: process} AS actor,
  {http_method: http_method, url: {path: http_path, hostname: http_host}, user_agent: http_user_agent} AS http_request,
  {code: http_status} AS http_response
FROM (
  SELECT *, CASE http_method WHEN 'CONNECT' THEN 1 WHEN 'DELETE' THEN 2 WHEN 'GET' THEN 3 WHEN 'HEAD' THEN 4
      WHEN 'OPTIONS' THEN 5 WHEN 'POST' THEN 6 WHEN 'PUT' THEN 7 WHEN 'TRACE' THEN 8 ELSE 99 END AS activity_id
  FROM ocsf_base WHERE kind = 'tls');

CREATE OR REPLACE VIEW ocsf_memory_activity AS
SELECT 1004 AS class_uid, 1 AS category_uid, activity_id, 100400 + activity_id AS type_uid, 1 AS severity_id, status_id,
  time_ms AS time, time AS time_dt, observed AS count, metadata, device, container, {process: process} AS actor, process,
  memory_address AS base_address, memory_length AS size, memory_protection AS requested_permissions
FROM (
  SELECT *, CASE kind WHEN 'mprotect' THEN 2 WHEN 'memfd' THEN 1 ELSE 99 END AS activity_id
  FROM ocsf_base WHERE kind IN ('mprotect', 'memfd', 'userfaultfd'));

CREATE OR REPLACE VIEW ocsf_kernel_extension_activity AS
SELECT 1002 AS class_uid, 1 AS category_uid, activity_id, 100200 + activity_id AS type_uid, 1 AS severity_id, status_id,
  time_ms AS time, time AS time_dt, observed AS count, metadata, device, container, {process: process} AS actor,
  {name: code_name, file: {path: code_path, type_id: 1}, type: code_type} AS driver
FROM (
  SELECT *, CASE WHEN code_operation IN ('delete_module', 'prog_detach') THEN 2 ELSE 1 END AS activity_id
  FROM ocsf_base WHERE kind IN ('module', 'bpf', 'kexec'));

CREATE OR REPLACE VIEW ocsf_authentication AS
SELECT 3002 AS class_uid, 3 AS category_uid, activity_id, 300200 + activity_id AS type_uid, 1 AS severity_id,
  CASE WHEN login_success THEN 1 ELSE 2 END AS status_id, login_status::VARCHAR AS status_code,
  time_ms AS time, time AS time_dt, observed AS count, metadata, device, container, {process: process} AS actor,
  {name: login_user} AS user, {name: login_service} AS service, {hostname: login_remote_host} AS src_endpoint
FROM (
  SELECT *, CASE login_operation WHEN 'authenticate' THEN 1 WHEN 'open_session' THEN 1 WHEN 'close_session' THEN 2
      ELSE 99 END AS activity_id
  FROM ocsf_base WHERE kind = 'authentication');

CREATE OR REPLACE VIEW ocsf_api_activity AS
SELECT 6003 AS class_uid, 6 AS category_uid, activity_id, 600300 + activity_id AS type_uid, 1 AS severity_id,
  CASE WHEN audit_decision = 'forbid' THEN 2 ELSE 1 END AS status_id,
  time_ms AS time, time AS time_dt, observed AS count, metadata, device,
  {user: {name: audit_user}} AS actor,
  {operation: audit_verb, response: {code: audit_status}, "group": {name: audit_api_group}} AS api,
  [{type: audit_resource, name: audit_name, namespace: audit_namespace}] AS resources,
  {ip: audit_source_address} AS src_endpoint, {user_agent: audit_user_agent} AS http_request
FROM (
  SELECT *, CASE WHEN audit_verb = 'create' THEN 1 WHEN audit_verb IN ('get', 'list', 'watch') THEN 2
      WHEN audit_verb IN ('update', 'patch') THEN 3 WHEN audit_verb IN ('delete', 'deletecollection') THEN 4
      ELSE 99 END AS activity_id
  FROM ocsf_base WHERE kind = 'audit');

CREATE OR REPLACE VIEW ocsf_detection_finding AS
SELECT 2004 AS class_uid, 2 AS category_uid, 1 AS activity_id, 200401 AS type_uid,
  CASE level WHEN 'informational' THEN 1 WHEN 'low' THEN 2 WHEN 'medium' THEN 3 WHEN 'high' THEN 4 WHEN 'critical' THEN 5
    ELSE 0 END AS severity_id,
  1 AS status_id, suppressed_by IS NOT NULL AS is_suppressed, message, "count" AS count,
  epoch_ms(time::TIMESTAMP) AS time, time AS time_dt,
  {version: '1.8.0', product: {name: 'Interdict', vendor_name: 'Interdict'}, uid: id} AS metadata,
  {uid: id, title: rule_title, analytic: {uid: rule_id, name: rule_title, type_id: 1},
    created_time: epoch_ms(detected_time::TIMESTAMP),
    attacks: list_transform(techniques, lambda t: {technique: {uid: t}})} AS finding_info,
  {uid: entity_node, type_id: 1} AS device,
  [{process: {uid: entity_process_id::VARCHAR, pid: entity_pid, file: {path: entity_exe, type_id: 1}}}] AS evidences
FROM alerts;

CREATE OR REPLACE VIEW ocsf_incident_finding AS
SELECT 2005 AS class_uid, 2 AS category_uid, 1 AS activity_id, 200501 AS type_uid,
  CASE WHEN score >= 80 THEN 5 WHEN score >= 60 THEN 4 WHEN score >= 40 THEN 3 WHEN score >= 20 THEN 2 ELSE 1 END
    AS severity_id,
  1 AS status_id, score AS risk_score, summary AS "desc", epoch_ms(last_time::TIMESTAMP) AS time,
  last_time AS time_dt, epoch_ms(first_time::TIMESTAMP) AS start_time, epoch_ms(last_time::TIMESTAMP) AS end_time,
  {version: '1.8.0', product: {name: 'Interdict', vendor_name: 'Interdict'}, uid: incident_id} AS metadata,
  list_transform(rules, lambda r: {title: r}) AS finding_info_list,
  list_transform(techniques, lambda t: {technique: {uid: t}}) AS attacks
FROM incidents;
