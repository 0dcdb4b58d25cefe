/**
 * Ends the server of `npm start` when the shell between npm and it has ended, since npm passes signals on to this shell
 * only, which dies without passing them on.
 */
const parent = process.ppid
const timer = setInterval(() => {
  if (process.ppid === parent) return
  clearInterval(timer)
  process.kill(process.pid, 'SIGTERM')
}, 500)
timer.unref()
