{{/* All of these are given (dict "top" . "job" "detection" "values" .Values.detection). */}}

{{- define "interdict.flinkId" -}}
{{ include "interdict.name" .top }}-{{ .job }}
{{- end }}

{{/* Fixed, so that a new pod finds what the one before it left. */}}
{{- define "interdict.flinkJobId" -}}
{{ printf "interdict %s" .job | sha256sum | trunc 32 }}
{{- end }}

{{- define "interdict.flinkClass" -}}
dev.interdict.jobs.{{ .job | title }}Job
{{- end }}

{{- define "interdict.flinkArguments" -}}
{{- $name := include "interdict.name" .top -}}
- --backplanes
- {{ $name }}-backplane:7400
- --identity
- /etc/interdict/identity
{{- if eq .job "archive" }}
- --table
- {{ .values.table | default "file:///data/archive/events" }}
{{- else }}
- --alert-table
- {{ .values.alertTable | default "file:///data/archive/alerts" }}
{{- if .values.rulesConfigMap }}
- --rules
- {{ .values.builtinRules | ternary "builtin," "" }}/etc/interdict/rules
{{- end }}
{{- end }}
{{- end }}

{{- define "interdict.flinkConfig" -}}
{{- $id := include "interdict.flinkId" . -}}
{{- $data := printf "file:///data/flink/%s" .job -}}
{{- $config := dict
  "parallelism.default" (mul .values.taskManagers .values.slots)
  "taskmanager.numberOfTaskSlots" .values.slots
  "execution.checkpointing.interval" (.values.checkpointInterval | default .top.Values.flink.checkpointInterval)
  "execution.checkpointing.dir" (printf "%s/checkpoints" $data)
  "execution.checkpointing.savepoint-dir" (printf "%s/savepoints" $data)
  "execution.checkpointing.num-retained" 3
  "execution.checkpointing.externalized-checkpoint-retention" "RETAIN_ON_CANCELLATION"
  "high-availability.type" "kubernetes"
  "high-availability.storageDir" (printf "%s/ha" $data)
  "restart-strategy.type" "exponential-delay"
  "restart-strategy.exponential-delay.initial-backoff" "1s"
  "restart-strategy.exponential-delay.max-backoff" "30s"
-}}
{{- if eq .top.Values.flink.mode "standalone" }}
{{- $config = merge $config (dict
  "kubernetes.cluster-id" $id
  "kubernetes.namespace" .top.Release.Namespace
  "jobmanager.bind-host" "0.0.0.0"
  "jobmanager.rpc.port" 6123
  "high-availability.jobmanager.port" 6123
  "blob.server.port" 6124
  "rest.bind-address" "0.0.0.0"
  "rest.port" 8081
  "web.submit.enable" false
  "web.cancel.enable" false
  "taskmanager.bind-host" "0.0.0.0"
  "taskmanager.rpc.port" 6122
  "taskmanager.data.port" 6121
  "taskmanager.cpu.cores" 1.0
  "taskmanager.memory.framework.heap.size" "128m"
  "taskmanager.memory.task.heap.size" (printf "%dm" (sub (.values.heapMiB | int) 128))
  "taskmanager.memory.framework.off-heap.size" "128m"
  "taskmanager.memory.task.off-heap.size" (printf "%dm" (sub (.values.directMiB | int) 128))
  "taskmanager.memory.network.min" (printf "%dm" (.values.networkMiB | int))
  "taskmanager.memory.network.max" (printf "%dm" (.values.networkMiB | int))
  "taskmanager.memory.managed.size" "0"
  "taskmanager.memory.jvm-metaspace.size" (printf "%dm" (.values.metaspaceMiB | int))
  "taskmanager.memory.jvm-overhead.min" "128m"
  "taskmanager.memory.jvm-overhead.max" "128m"
  "io.tmp.dirs" "/tmp"
) }}
{{- end }}
{{- mergeOverwrite $config .top.Values.flink.config | toYaml }}
{{- end }}

{{/* What both kinds of pods have; "kind" is jobmanager or taskmanager. */}}
{{- define "interdict.flinkVolumes" -}}
{{ include "interdict.joinVolumes" .top }}
- name: config
  configMap: {name: {{ include "interdict.flinkId" . }}-flink}
- name: data
  {{- if .top.Values.flink.storage.volume }}
  {{- toYaml .top.Values.flink.storage.volume | nindent 2 }}
  {{- else }}
  persistentVolumeClaim: {claimName: {{ .top.Values.flink.storage.existingClaim | default (printf "%s-flink" (include "interdict.name" .top)) }}}
  {{- end }}
{{- if and (eq .job "detection") .values.rulesConfigMap }}
- name: rules
  configMap: {name: {{ .values.rulesConfigMap }}}
{{- end }}
{{- end }}

{{- define "interdict.flinkMounts" -}}
- {name: identity, mountPath: /etc/interdict/identity, readOnly: true}
- {name: config, mountPath: /etc/interdict/flink, readOnly: true}
- {name: data, mountPath: /data}
- {name: tmp, mountPath: /tmp}
{{- if and (eq .job "detection") .values.rulesConfigMap }}
- {name: rules, mountPath: /etc/interdict/rules, readOnly: true}
{{- end }}
{{- end }}

{{/* JVM, class path and options: "flags" are those of its memory. */}}
{{- define "interdict.flinkJava" -}}
- /opt/java/bin/java
- "@/opt/interdict/classpath"
- "@/opt/interdict/jvm/opens"
- -XX:+UseSerialGC
- -XX:+ExitOnOutOfMemoryError
- -Dlogback.configurationFile=/etc/interdict/flink/logback.xml
{{- end }}

{{- define "interdict.flinkPod" -}}
serviceAccountName: {{ include "interdict.flinkId" . }}
# Its high availability is kept in ConfigMaps.
automountServiceAccountToken: true
{{- include "interdict.images" .top }}
nodeSelector: {{ toYaml .top.Values.flink.nodeSelector | nindent 2 }}
tolerations: {{ toYaml .top.Values.flink.tolerations | nindent 2 }}
securityContext: {{ include "interdict.podSecurity" .top | nindent 2 }}
volumes: {{ include "interdict.flinkVolumes" . | nindent 2 }}
{{- end }}

{{- define "interdict.flinkAnnotations" -}}
{{- merge (dict
  "kubectl.kubernetes.io/default-container" "flink"
  "interdict.dev/configuration" (include "interdict.flinkConfig" . | sha256sum | trunc 16)
) .top.Values.podAnnotations | toYaml }}
{{- end }}
