import { connect, type Socket } from 'node:net'

/** What a client is told to do. */
export interface Load {
  readonly port: number
  readonly path: string
  readonly connections: number
  readonly seconds: number
}

/** What came of it. */
export interface Loaded {
  readonly perSecond: number
  /** Milliseconds. */
  readonly p99: number
}

// A process of its own, on bare sockets: what sends costs less than what answers, and not the same processor.
process.on('message', (load: Load) => {
  void send(load).then(
    (loaded) => process.send?.(loaded),
    (error: unknown) => process.send?.({ error: String(error) }),
  )
})

const send = async ({ port, path, connections, seconds }: Load): Promise<Loaded> => {
  const times: number[] = []
  const begin = performance.now()
  const until = begin + seconds * 1000
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const ask = await open(port)
      while (performance.now() < until) {
        const start = performance.now()
        await ask(requestFor(port, path))
        times.push(performance.now() - start)
      }
      ask.end()
    }),
  )
  const took = performance.now() - begin
  times.sort((a, b) => a - b)
  return { perSecond: (times.length / took) * 1000, p99: times[Math.floor(times.length * 0.99)] ?? 0 }
}

/** Each from another visitor, as a proxy in front would say. */
const requestFor = (port: number, path: string): string => {
  const part = () => Math.floor(Math.random() * 256)
  return `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nX-Forwarded-For: 10.${part()}.${part()}.${part()}\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\nAccept: text/html\r\n\r\n`
}

const open = (port: number): Promise<((request: string) => Promise<void>) & { end: () => void }> =>
  new Promise((opened, refused) => {
    let answered: { done: () => void; failed: (error: Error) => void } | null = null
    let text = ''
    const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true }, () =>
      opened(Object.assign(ask, { end: () => socket.destroy() })),
    )
    const ask = (request: string) =>
      new Promise<void>((done, failed) => {
        answered = { done, failed }
        socket.write(request)
      })
    socket.setEncoding('latin1')
    socket.on('error', (error) => (answered === null ? refused(error) : answered.failed(error)))
    socket.on('data', (part: string) => {
      text += part
      if (!isWhole(text)) return
      const status = text.slice(9, 12)
      text = ''
      if (status === '302') answered?.done()
      else answered?.failed(new Error(`answered ${status}`))
    })
  })

/** An answer without a body, or with an empty one in chunks. */
const isWhole = (text: string): boolean =>
  text.endsWith('\r\n\r\n') &&
  (!/^transfer-encoding: chunked\r$/im.test(text) || text.endsWith('\r\n0\r\n\r\n'))
