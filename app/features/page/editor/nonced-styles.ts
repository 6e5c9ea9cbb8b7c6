import { useEffect, useState } from 'react'

/**
 * While the editor is there, style elements that are made carry the document's nonce: the libraries under it make some
 * and know of none, and a style without it is refused. Scripts are another matter and stay as strict as everywhere.
 * @returns whether it is so already
 */
export const useNoncedStyles = (nonce: string | undefined): boolean => {
  const [ready, setReady] = useState(false)
  useEffect(() => {
    const make = document.createElement
    const nonced = (name: string, options?: ElementCreationOptions): HTMLElement => {
      const element = make.call(document, name, options)
      if (nonce !== undefined && element instanceof HTMLStyleElement) element.nonce = nonce
      return element
    }
    document.createElement = nonced as typeof document.createElement
    setReady(true)
    return () => {
      document.createElement = make
    }
  }, [nonce])
  return ready
}
