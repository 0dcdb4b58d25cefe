/** The baseline for delays of the event loop: a process that does nothing but stay. */
setInterval(() => {}, 60_000)
process.send?.('ready')
