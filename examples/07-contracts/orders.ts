/** The contract: one plain object that both ends import. */
import { z } from 'zod'

export const orders = {
  schema: z.object({
    id: z.int().positive(),
    item: z.string().min(1),
    // Travels as text, arrives as a Date.
    due: z.iso.date().transform(day => new Date(day)),
  }),
}
