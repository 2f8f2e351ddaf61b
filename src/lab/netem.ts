/** Whether this kernel offers netem, which the lab needs for latency and random loss; asked once, in a namespace that ends with the question. */
import { outcome, Processes } from './process.ts'

let answer: Promise<boolean> | undefined

/** False also where `tc` or `unshare` is missing. */
export function netemOffered(): Promise<boolean> {
  answer ??= ask()
  return answer
}

async function ask(): Promise<boolean> {
  const user = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']
  const question = ['tc', 'qdisc', 'add', 'dev', 'lo', 'root', 'netem', 'delay', '1ms']
  const argv: [string, ...string[]] = ['unshare', ...user, '--net', ...question]
  return (await outcome(new Processes('').start({ argv }))).code === 0
}
