/** Answers questions, any number at a time, until it is told to quit. */
import { Reply } from 'typedmq'
import type { Answer, Question } from './contract.ts'

const server = new Reply<Question, Answer>().connect(process.argv[2]!)
const never = new Promise<never>(() => {})
let asked = 0

await server.serve(question => {
  switch (question.ask) {
    case 'divide':
      if (question.divisor === 0) {
        throw Object.assign(new RangeError('cannot divide by zero'), { code: 'DIVISION_BY_ZERO' })
      }
      return question.dividend / question.divisor
    case 'patience':
      return ++asked >= 3 ? `I was asked ${asked} times` : never
    case 'silence':
      return never
    case 'quit':
      process.exit()
  }
})
