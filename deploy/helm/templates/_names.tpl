{{- define "labels" -}}
app.kubernetes.io/name: pinched-nerve-cds
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "described" -}}
{{ include "labels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "image" -}}
{{ .Values.image.repository }}{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{- define "container-security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* For whoever balances the load to hear that a replica leaves: before anything stops. */}}
{{- define "notice-seconds" -}}5{{- end }}

{{/* Notice, then drain_s, then the 30 s that the service gives calls in hand, and room. */}}
{{- define "grace-seconds" -}}
{{ add (include "notice-seconds" . | int) (.Values.settings.limits.drain_s | ceil | int) 30 5 }}
{{- end }}
