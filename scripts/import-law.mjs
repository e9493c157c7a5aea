import { bin } from './lib/bin.mjs'
import { ROOT } from './lib/root.mjs'
import { capture } from './lib/run.mjs'

// Checks the import law of .dependency-cruiser.cjs. With a folder as argument it checks that folder's src and ui instead.
const folder = process.argv[2] ?? ROOT
const cruise = [
  bin('depcruise', 'dependency-cruiser'),
  'src',
  'ui/src',
  '--config',
  '.dependency-cruiser.cjs',
]
const { code, output } = await capture(process.execPath, [...cruise, '--output-type', 'json'], {
  cwd: folder,
})

const start = output.indexOf('{')
if (start < 0) {
  console.error(output)
  process.exit(code || 1)
}
const { summary } = JSON.parse(output.slice(start))
// Without a TypeScript that it can use, the tool sees no modules and is content. That must not read as lawful.
if (summary.totalCruised === 0 || summary.totalDependenciesCruised === 0) {
  console.error('the import law was checked on zero modules: dependency-cruiser could not read the sources')
  process.exit(1)
}
const broken = summary.violations.filter(({ rule }) => rule.severity === 'error')
for (const { rule, from, to, cycle } of broken) {
  const way = cycle ? [from, ...cycle.map(step => step.name)].join(' → ') : `${from} → ${to}`
  console.error(`${rule.name}: ${way}`)
}
const comments = new Map(summary.ruleSetUsed.forbidden.map(rule => [rule.name, rule.comment]))
for (const name of new Set(broken.map(({ rule }) => rule.name)))
  console.error(`\n${name}: ${comments.get(name)}`)
if (broken.length > 0) process.exit(1)
