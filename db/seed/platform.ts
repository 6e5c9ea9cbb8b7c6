import type { Context } from '../../server/kit/context'
import { globalThemes } from '../schema'

const THEMES = [
  {
    key: 'daylight',
    name: 'Daylight',
    tokens: {
      background: '#ffffff',
      text: '#1a1c1f',
      accent: '#0b6e52',
      radius: 'medium',
      font: 'system',
      spacing: 'normal',
    },
  },
  {
    key: 'midnight',
    name: 'Midnight',
    tokens: {
      background: '#101318',
      text: '#eceef2',
      accent: '#8ab4f8',
      radius: 'medium',
      font: 'system',
      spacing: 'normal',
    },
  },
]

/** What every installation has, with or without the demo. One that is there stays as it is. */
export const seedPlatform = async (ctx: Context): Promise<void> => {
  await ctx.db.insert(globalThemes).values(THEMES).onConflictDoNothing({ target: globalThemes.key })
}
