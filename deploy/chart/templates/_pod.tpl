{{/* What the serving and the indexing process have in common. Takes (dict "root" $ "role" "serve|index" "resources" ...). */}}
{{- define "mangaassist.name" -}}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{- end }}

{{- define "mangaassist.labels" -}}
app.kubernetes.io/name: mangaassist
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .role }}
{{- end }}

{{- define "mangaassist.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}
{{- end }}

{{- define "mangaassist.contained" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- define "mangaassist.pod" -}}
{{- $root := .root -}}
metadata:
  labels:
    {{- include "mangaassist.labels" . | nindent 4 }}
  annotations:
    checksum/settings: {{ $root.Values.settings | sha256sum }}
spec:
  serviceAccountName: {{ include "mangaassist.name" $root }}
  automountServiceAccountToken: false
  terminationGracePeriodSeconds: {{ add $root.Values.preStopSeconds $root.Values.drainSeconds 15 }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 10001
    runAsGroup: 10001
    fsGroup: 10001
    seccompProfile: {type: RuntimeDefault}
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: topology.kubernetes.io/zone
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "mangaassist.labels" . | nindent 10 }}
  initContainers:
    # An empty volume hides what the image brings in its place: the encoder, which is copied there.
    - name: encoder
      image: {{ include "mangaassist.image" $root }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      command: [cp, -R, /var/cache/mangaassist/., /into]
      securityContext:
        {{- include "mangaassist.contained" . | nindent 8 }}
      resources:
        {{- toYaml .resources | nindent 8 }}
      volumeMounts:
        - {name: cache, mountPath: /into}
  containers:
    - name: mangaassist
      image: {{ include "mangaassist.image" $root }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      args: [{{ .role }}, --settings, /etc/mangaassist/assistant.toml]
      env:
        - {name: MANGAASSIST_SERVER__HOST, value: 0.0.0.0}
        - {name: MANGAASSIST_SERVER__PORT, value: "8000"}
        - {name: MANGAASSIST_SERVER__DRAIN_S, value: {{ $root.Values.drainSeconds | quote }}}
        - {name: MANGAASSIST_SEALING_KEY_FILE, value: /etc/mangaassist/keys/sealing.key}
        - {name: MANGAASSIST_AUDIT__KEY_FILE, value: /etc/mangaassist/keys/audit.key}
      {{- with $root.Values.secretEnv }}
      envFrom:
        {{- range . }}
        - secretRef: {name: {{ . }}}
        {{- end }}
      {{- end }}
      ports:
        - {name: http, containerPort: 8000}
      startupProbe:
        httpGet: {path: /healthz, port: http}
        periodSeconds: 2
        failureThreshold: 150
      livenessProbe:
        httpGet: {path: /healthz, port: http}
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      readinessProbe:
        httpGet: {path: /readyz, port: http}
        periodSeconds: 5
        timeoutSeconds: 3
        failureThreshold: 2
      lifecycle:
        preStop:
          exec:
            command: [sleep, {{ $root.Values.preStopSeconds | quote }}]
      securityContext:
        {{- include "mangaassist.contained" . | nindent 8 }}
      resources:
        {{- toYaml .resources | nindent 8 }}
      volumeMounts:
        - {name: settings, mountPath: /etc/mangaassist/assistant.toml, subPath: assistant.toml, readOnly: true}
        - {name: keys, mountPath: /etc/mangaassist/keys, readOnly: true}
        - {name: data, mountPath: /var/lib/mangaassist}
        - {name: cache, mountPath: /var/cache/mangaassist}
        - {name: tmp, mountPath: /tmp}
  volumes:
    - name: settings
      configMap: {name: {{ include "mangaassist.name" $root }}}
    - name: keys
      secret: {secretName: {{ $root.Values.keys }}, defaultMode: 0440}
    # Nothing that must last: sessions, tickets and the audit trail are in DynamoDB, what waits is in Redis.
    - {name: data, emptyDir: {}}
    - {name: cache, emptyDir: {}}
    - {name: tmp, emptyDir: {}}
  {{- with $root.Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $root.Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
