import { createContext, useContext } from 'react'

/** The nonce of this answer's scripts. Known on the server only: browsers hide it from scripts, so it is empty there. */
export const NonceContext = createContext<string | undefined>(undefined)

export const useNonce = (): string | undefined => useContext(NonceContext)
