{{- define "interdict.name" -}}
{{- if contains "interdict" .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-interdict" .Release.Name | trunc 40 | trimSuffix "-" }}{{ end -}}
{{- end }}

{{/* of (dict "top" . "part" "agent") */}}
{{- define "interdict.labels" -}}
{{ include "interdict.selector" . }}
app.kubernetes.io/version: {{ .top.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .top.Release.Service }}
app.kubernetes.io/part-of: interdict
helm.sh/chart: {{ .top.Chart.Name }}-{{ .top.Chart.Version }}
{{- end }}

{{- define "interdict.selector" -}}
app.kubernetes.io/name: interdict
app.kubernetes.io/instance: {{ .top.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end }}

{{/* How the image starts a command: of the name of a file of JVM options */}}
{{- define "interdict.java" -}}
- /opt/java/bin/java
- "@/opt/interdict/classpath"
- "@/opt/interdict/jvm/opens"
- "@/opt/interdict/jvm/{{ . }}"
{{- end }}

{{- define "interdict.authoritySecret" -}}
{{- if eq .Values.certificates.source "secret" }}{{ required "certificates.secretName names the Secret that holds the authority" .Values.certificates.secretName }}{{ else }}{{ include "interdict.name" . }}-authority{{ end -}}
{{- end }}

{{- define "interdict.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "interdict.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- define "interdict.images" -}}
{{- with .Values.images.pullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Makes a key in memory and has it certified, by the pod's token: of (dict "top" . "image" i) */}}
{{- define "interdict.join" -}}
- name: join
  image: {{ .image }}
  imagePullPolicy: {{ .top.Values.images.pullPolicy }}
  command:
    {{- include "interdict.java" "default" | nindent 4 }}
    - dev.interdict.cli.Interdict
  args:
    - certs
    - join
    - --server={{ include "interdict.name" .top }}-join:7443
    - --kubernetes-token=/var/run/secrets/interdict/token
    - --ca=/etc/interdict/ca/ca.pem
    - --out=/etc/interdict/identity
    - --wait=PT10M
  securityContext: {{ include "interdict.containerSecurity" .top | nindent 4 }}
  resources: {requests: {cpu: 50m, memory: 64Mi}, limits: {memory: 320Mi}}
  volumeMounts:
    - {name: identity, mountPath: /etc/interdict/identity}
    - {name: authority, mountPath: /etc/interdict/ca, readOnly: true}
    - {name: token, mountPath: /var/run/secrets/interdict, readOnly: true}
    - {name: tmp, mountPath: /tmp}
{{- end }}

{{/* The volumes that joining needs */}}
{{- define "interdict.joinVolumes" -}}
- name: identity
  emptyDir: {medium: Memory, sizeLimit: 1Mi}
- name: authority
  {{- if eq .Values.certificates.source "chart" }}
  configMap: {name: {{ include "interdict.name" . }}-authority}
  {{- else }}
  secret:
    secretName: {{ include "interdict.authoritySecret" . }}
    items: [{key: tls.crt, path: ca.pem}]
  {{- end }}
- name: token
  projected:
    sources:
      - serviceAccountToken: {audience: interdict, expirationSeconds: 3600, path: token}
- name: tmp
  emptyDir: {}
{{- end }}

{{/* Whether there is an archive on Flink's storage to keep in order */}}
{{- define "interdict.upkeep" -}}
{{- if and .Values.upkeep.enabled .Values.archive.enabled (not .Values.archive.table) (not .Values.detection.alertTable) }}yes{{ end -}}
{{- end }}
