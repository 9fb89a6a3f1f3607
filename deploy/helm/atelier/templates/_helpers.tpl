{{/* Labels that never change, and select. `role`: gpu, cpu, reconciler, scheduler, web or redis; none: all. */}}
{{- define "atelier.selector" -}}
app.kubernetes.io/name: atelier
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .role }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end }}

{{- define "atelier.labels" -}}
{{ include "atelier.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end }}

{{/* What no container may. */}}
{{- define "atelier.closed" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{/* Pods over nodes, and over zones, as far as it goes. */}}
{{- define "atelier.spread" -}}
topologySpreadConstraints:
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "atelier.selector" $ | nindent 8 }}
  {{- end }}
{{- end }}

{{/*
A deployment of ours. `role`; `image`; `args`; `at`: its part of the values; `worker`: whether it scales by what waits;
`submits`: whether it may ask for copy; `priority`; `grace`, seconds; `probes`: YAML; `home`: size of the home.
*/}}
{{- define "atelier.deployment" -}}
{{- $root := .root -}}
{{- $values := $root.Values -}}
{{- $copy := and .submits $values.copyKey -}}
{{- $mounts := list -}}
{{- range $values.mounts -}}
{{- if or (not .roles) (has $.role .roles) -}}
{{- $mounts = append $mounts . -}}
{{- end -}}
{{- end -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $root.Release.Name }}-{{ .role }}
  labels: {{- include "atelier.labels" . | nindent 4 }}
spec:
  {{- if not .worker }}
  replicas: {{ .at.replicas }}
  {{- else if not $values.keda.enabled }}
  replicas: {{ .at.scale.max }}
  {{- end }}
  revisionHistoryLimit: 3
  strategy:
    # GPUs are scarce: a new worker takes the place of an old one. Of the others, the old one stays until the new one works.
    rollingUpdate: {{ .worker | ternary "{maxSurge: 0, maxUnavailable: 50%}" "{maxSurge: 1, maxUnavailable: 0}" }}
  selector:
    matchLabels: {{- include "atelier.selector" . | nindent 6 }}
  template:
    metadata:
      labels: {{- include "atelier.labels" . | nindent 8 }}
      annotations:
        # Settings are read once, at the start.
        checksum/settings: {{ include "atelier.settings" $root | sha256sum }}
    spec:
      serviceAccountName: {{ $root.Release.Name }}
      automountServiceAccountToken: false
      # They would set ATELIER_WEB_PORT and the like, which are settings, to something else.
      enableServiceLinks: false
      # A process that collects orphans comes with it.
      shareProcessNamespace: true
      terminationGracePeriodSeconds: {{ .grace }}
      {{- with .priority }}
      priorityClassName: {{ . }}
      {{- end }}
      {{- with $values.image.pullSecrets }}
      imagePullSecrets: {{- toYaml . | nindent 8 }}
      {{- end }}
      securityContext:
        runAsNonRoot: true
        runAsUser: 10001
        runAsGroup: 10001
        fsGroup: 10001
        seccompProfile: {type: RuntimeDefault}
      {{- with .at.runtimeClassName }}
      runtimeClassName: {{ . }}
      {{- end }}
      {{- with .at.nodeSelector }}
      nodeSelector: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .at.tolerations }}
      tolerations: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- include "atelier.spread" . | nindent 6 }}
      containers:
        - name: {{ .role }}
          image: {{ .image }}
          imagePullPolicy: {{ $values.image.pullPolicy }}
          args: {{ .args | toJson }}
          {{- include "atelier.closed" . | nindent 10 }}
          envFrom:
            - configMapRef: {name: {{ $root.Release.Name }}-settings}
          env:
            - {name: ATELIER_REDIS_PASSWORD_FILE, value: /etc/atelier/redis_password}
            - {name: ATELIER_WEBHOOK_SECRET_FILE, value: /etc/atelier/webhook_secret}
            {{- if $values.store.credentials }}
            - {name: AWS_SHARED_CREDENTIALS_FILE, value: /etc/atelier/aws_credentials}
            {{- end }}
            {{- if $copy }}
            - {name: ATELIER_COPY_KEY_FILE, value: /etc/atelier/copy_key}
            {{- end }}
            {{- if eq .role "web" }}
            - {name: ATELIER_WEB_TOKENS_FILE, value: /etc/atelier/web_tokens}
            {{- with .at.proxies }}
            - {name: ATELIER_WEB_PROXIES, value: {{ . | quote }}}
            {{- end }}
            {{- if $values.media }}
            - {name: ATELIER_WEB_FOLDERS, value: /media}
            {{- end }}
            {{- else if eq .role "cpu" }}
            - {name: ATELIER_DEVICE, value: cpu}
            {{- end }}
          resources: {{- toYaml .at.resources | nindent 12 }}
          {{- .probes | nindent 10 }}
          volumeMounts:
            - {name: secrets, mountPath: /etc/atelier, readOnly: true}
            - {name: home, mountPath: /var/lib/atelier}
            - {name: scratch, mountPath: /var/tmp}
            - {name: tmp, mountPath: /tmp}
            {{- if .worker }}
            - {name: shm, mountPath: /dev/shm}
            {{- end }}
            {{- if $values.media }}
            - {name: media, mountPath: /media, readOnly: true}
            {{- end }}
            {{- range $index, $mount := $mounts }}
            - {name: mount-{{ $index }}, mountPath: {{ $mount.path }}, readOnly: true}
            {{- end }}
      volumes:
        - name: secrets
          secret:
            secretName: {{ $values.secret }}
            defaultMode: 0440
            items:
              - {key: redis_password, path: redis_password}
              - {key: webhook_secret, path: webhook_secret}
              {{- if $values.store.credentials }}
              - {key: aws_credentials, path: aws_credentials}
              {{- end }}
              {{- if $copy }}
              - {key: copy_key, path: copy_key}
              {{- end }}
              {{- if eq .role "web" }}
              - {key: web_tokens, path: web_tokens}
              {{- end }}
        - name: home
          emptyDir: {sizeLimit: 4Gi}
        - name: scratch
          emptyDir: {sizeLimit: {{ .at.scratch | default "8Gi" }}}
        - name: tmp
          emptyDir: {sizeLimit: 64Mi}
        {{- if .worker }}
        - name: shm
          emptyDir: {medium: Memory, sizeLimit: 256Mi}
        {{- end }}
        {{- if $values.media }}
        - name: media
          persistentVolumeClaim: {claimName: {{ $values.media }}, readOnly: true}
        {{- end }}
        {{- range $index, $mount := $mounts }}
        - name: mount-{{ $index }}
          {{- if .secret }}
          secret: {secretName: {{ .secret }}, defaultMode: 0440}
          {{- else if .configMap }}
          configMap: {name: {{ .configMap }}}
          {{- else }}
          persistentVolumeClaim: {claimName: {{ .claim }}, readOnly: true}
          {{- end }}
        {{- end }}
{{- end }}

{{/* How the health of a process is asked. It needs Redis, and a process in good order may wait for that: so it is never
ended for it, only shown. What ends is started again, and workers watch over each other. */}}
{{- define "atelier.asked" -}}
readinessProbe:
  exec: {command: {{ concat (list "python" "/opt/atelier/container/health.py") . | toJson }}}
  periodSeconds: 30
  timeoutSeconds: 20
  failureThreshold: 3
{{- end }}

{{/* The environment of every process. */}}
{{- define "atelier.settings" -}}
{{- if .Values.redis.enabled }}
ATELIER_REDIS_URL: redis://{{ .Release.Name }}-redis:6379/0
{{- end }}
{{- range $name, $value := .Values.settings }}
ATELIER_{{ $name }}: {{ $value | quote }}
{{- end }}
{{- range $name, $value := .Values.env }}
{{ $name }}: {{ $value | quote }}
{{- end }}
{{- end }}
