/** The topics of the market, and what is said under each. A key is an exact topic, or a pattern that ends in an asterisk. */
import { z } from 'zod'

export const market = {
  topics: {
    'price.*': z.object({ bid: z.number(), ask: z.number() }),
    status: z.enum(['open', 'closed']),
  },
}
