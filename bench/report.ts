export const RESULTS = ''
export function writeReport(_say: (line: string) => void): void {}
