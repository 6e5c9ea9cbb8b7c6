import { vitePlugin as remix } from '@remix-run/dev'
import { defineConfig, type Plugin } from 'vite'

/** Browser packages, named so that the first page in development is not reloaded when they are found late. */
const CLIENT_PACKAGES = [
  'react',
  'react/jsx-runtime',
  'react/jsx-dev-runtime',
  'react-dom',
  'react-dom/client',
  '@remix-run/react',
]

const SERVER_PACKAGES = [
  '@node-rs/argon2',
  'postgres',
  'drizzle-orm',
  'lucia',
  'stripe',
  'pino',
  'nodemailer',
  'sharp',
]

/** One server bundle from our own entry. After the Remix plugin, which sets the input to itself. */
const serverEntry: Plugin = {
  name: 'offshoot-server-entry',
  config: (_config, env) =>
    env.isSsrBuild ? { build: { rollupOptions: { input: './server/main.ts' } } } : undefined,
}

export default defineConfig({
  plugins: process.env.VITEST
    ? []
    : [
        remix({
          future: {
            v3_fetcherPersist: true,
            v3_relativeSplatPath: true,
            v3_throwAbortReason: true,
            v3_lazyRouteDiscovery: true,
            v3_singleFetch: false,
            v3_routeConfig: true,
          },
        }),
        serverEntry,
      ],
  resolve: { alias: { '~': `${import.meta.dirname}/app` } },
  build: { target: 'es2022', sourcemap: false },
  optimizeDeps: { include: CLIENT_PACKAGES, exclude: SERVER_PACKAGES },
})
