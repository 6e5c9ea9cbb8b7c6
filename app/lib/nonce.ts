import { createContext, useContext } from 'react'

/** The nonce of this document's scripts and styles; what is added to it later carries the same one. */
export const NonceContext = createContext<string | undefined>(undefined)

export const useNonce = (): string | undefined => useContext(NonceContext)
