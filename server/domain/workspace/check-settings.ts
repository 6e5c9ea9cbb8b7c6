import { invalid } from '../../kit/errors'
import { MAX_DEPTH, MAX_SETTINGS_BYTES } from './document'
import { canonicalJson, checkJson, Faults, type JsonObject } from './json'

/** Settings stand one level deep in a document. */
const SETTINGS_DEPTH = MAX_DEPTH - 1

/** @throws DomainError 400 INVALID_INPUT when these settings could not be stored or exported. */
export const checkSettings = (settings: JsonObject | undefined): void => {
  if (settings === undefined) return
  const faults = new Faults()
  checkJson(settings, SETTINGS_DEPTH, faults, ['settings'])
  if (faults.issues.length === 0 && Buffer.byteLength(canonicalJson(settings)) > MAX_SETTINGS_BYTES)
    faults.add(['settings'], `Must have at most ${MAX_SETTINGS_BYTES} bytes.`)
  if (faults.issues.length > 0) throw invalid(faults.issues)
}
