/**
 * Keeps connections that wait for their client from locking others out: those on which it has sent nothing,
 * or part of a request, or does not read the answer, or that stay open between two requests. Anyone who
 * reaches the port can open any number.
 */
import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** Closes the connection that has waited longest when more than `max` wait. */
export function limitWaitingConnections(server: Server, max: number): void {
  // A Set keeps the order of insertion, so the first one has waited longest.
  const waiting = new Set<Socket>()
  const wait = (socket: Socket) => {
    if (socket.destroyed) return
    waiting.add(socket)
    const [longest] = waiting
    if (waiting.size > max) longest?.destroy()
  }
  server.on('connection', (socket: Socket) => {
    socket.once('close', () => waiting.delete(socket))
    wait(socket)
  })
  server.on('request', (request, response) => {
    const { socket } = request
    request.once('end', () => {
      // Without a socket it waits for the client to read the answer to an earlier request.
      if (response.socket) waiting.delete(socket)
    })
    // The answer is complete, and it is for the client to read it.
    response.once('prefinish', () => {
      waiting.delete(socket)
      wait(socket)
    })
  })
}
