{{- define "grafana.name" -}}
{{ printf "%s-grafana" .Release.Name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "grafana.selectorLabels" -}}
app.kubernetes.io/name: grafana
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "grafana.labels" -}}
{{ include "grafana.selectorLabels" . }}
app.kubernetes.io/version: {{ .Values.image.tag | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "grafana.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* A sidecar container: (dict "root" $ "name" … "method" "WATCH" "source" .Values.sidecar.dashboards "folder" …) */}}
{{- define "grafana.sidecar" -}}
{{- $sidecar := .root.Values.sidecar -}}
- name: {{ .name }}
  image: {{ $sidecar.image.registry }}/{{ $sidecar.image.repository }}:{{ $sidecar.image.tag }}
  imagePullPolicy: {{ .root.Values.image.pullPolicy }}
  securityContext:
    {{- include "grafana.containerSecurityContext" .root | nindent 4 }}
  env:
    - name: METHOD
      value: {{ .method }}
    - name: LABEL
      value: {{ .source.label }}
    - name: LABEL_VALUE
      value: {{ .source.labelValue | quote }}
    - name: RESOURCE
      value: configmap
    - name: FOLDER
      value: {{ .folder }}
    {{- with .source.folderAnnotation }}
    - name: FOLDER_ANNOTATION
      value: {{ . }}
    {{- end }}
    - name: NAMESPACE
      valueFrom:
        fieldRef:
          fieldPath: metadata.namespace
    - name: PYTHONDONTWRITEBYTECODE
      value: "1"
  resources:
    {{- toYaml $sidecar.resources | nindent 4 }}
  volumeMounts:
    - name: {{ .volume }}
      mountPath: {{ .folder }}
    - name: sidecar-tmp
      mountPath: /tmp
{{- end }}
