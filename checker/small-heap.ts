/**
 * Makes V8 favour memory over speed: the checker mostly waits for mail servers. Imported before all else by
 * the service, since V8 never returns what the young generation took while loading.
 */
import { setFlagsFromString } from 'node:v8'

setFlagsFromString('--semi-space-growth-factor=1')
setFlagsFromString('--optimize-for-size')
