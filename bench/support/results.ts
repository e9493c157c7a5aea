import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'

/** One measured value beside what it has to reach. `better`: which way is good. */
export type Figure = {
  readonly figure: string
  readonly value: number
  readonly unit: string
  readonly better: 'higher' | 'lower'
  /** The floor, and where we are ahead of everybody; left away where a value is only stated. */
  readonly must?: number
  readonly aim?: number
  /** What the value means or was measured against, if the name does not say it. */
  readonly note?: string
}

type Result = {
  readonly bench: string
  readonly setting: Readonly<Record<string, string | number>>
  readonly machine: {
    readonly cores: number
    readonly node: string
    /** One minute's load average before the run began: over 1 the machine was doing something else too. */
    readonly loadBefore: number
  }
  readonly at: string
  readonly figures: readonly Figure[]
}

const FOLDER = join(import.meta.dirname, '../results')
const loadBefore = Number((loadavg()[0] ?? 0).toFixed(2))

/** Over 1: better than asked. */
const ratio = ({ value, better }: Figure, limit: number | undefined): number | null =>
  limit === undefined ? null : Number((better === 'higher' ? value / limit : limit / value).toFixed(2))

const rounded = (value: number): number => Number(value.toPrecision(value >= 1000 ? 5 : 3))

/** The stores that a run uses, as the server reads them from its environment. */
export const column = (env: NodeJS.ProcessEnv = process.env): string =>
  [
    ['EVENTSTORE_URL', 'EventStoreDB double'],
    ['DATABASE_URL', 'Postgres'],
    ['REDIS_URL', 'Redis'],
  ]
    .flatMap(([name, label]) => (name && env[name] ? [label] : []))
    .join(' + ') || 'embedded'

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')

const cell = (value: string | number): string => String(value).replaceAll('|', '\\|')

const section = ({ bench, setting, machine, at, figures }: Result): string => {
  const rows = figures.map(figure =>
    [
      figure.figure,
      `${rounded(figure.value)} ${figure.unit}`,
      figure.must ?? '',
      ratio(figure, figure.must) ?? '',
      figure.aim ?? '',
      ratio(figure, figure.aim) ?? '',
      figure.note ?? '',
    ]
      .map(cell)
      .join(' | '),
  )
  const settings = Object.entries(setting).map(([name, value]) => `${name} ${value}`)
  return [
    `## ${bench} (${settings.join(', ')})`,
    '',
    `${at.slice(0, 10)}, ${machine.cores} cores, Node ${machine.node}, load before the run ${machine.loadBefore}.`,
    '',
    '| figure | value | must | ratio | aim | ratio | note |',
    '|---|---|---|---|---|---|---|',
    ...rows.map(row => `| ${row} |`),
    '',
  ].join('\n')
}

/** The page of all results: written from the JSON files, so that it never says anything else. */
const writePage = (): void => {
  const results = readdirSync(FOLDER)
    .filter(file => file.endsWith('.json'))
    .sort()
    .map(file => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Result)
    .filter(result => Array.isArray(result.figures))
  const intro = [
    '# Measured',
    '',
    'Written by `npm run bench`; one JSON file beside this page for each section. A ratio over 1 is better than asked:',
    'value by limit where more is better, limit by value where less is.',
    '',
  ]
  writeFileSync(join(FOLDER, 'README.md'), [...intro, ...results.map(section)].join('\n'))
}

/**
 * Prints the figures and keeps them under `bench/results`, one file for each setting; `BENCH_KEEP=0` only prints.
 * @param setting what tells this run from others of the same benchmark, the column first.
 */
export const report = (bench: string, setting: Result['setting'], figures: readonly Figure[]): void => {
  console.log(`${bench}: ${Object.values(setting).join(', ')}; load before the run ${loadBefore}`)
  console.table(
    figures.map(one => ({
      figure: one.figure,
      value: rounded(one.value),
      unit: one.unit,
      must: one.must,
      'of must': ratio(one, one.must),
      aim: one.aim,
      'of aim': ratio(one, one.aim),
    })),
  )
  if (process.env['BENCH_KEEP'] === '0') return
  const result: Result = {
    bench,
    setting,
    machine: { cores: cpus().length, node: process.versions.node, loadBefore },
    at: new Date().toISOString(),
    figures,
  }
  mkdirSync(FOLDER, { recursive: true })
  const name = [bench, ...Object.values(setting).map(String)].map(slug).join('.')
  writeFileSync(join(FOLDER, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`)
  writePage()
}

export const quantile = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? Number.NaN

export const median = (values: readonly number[]): number => quantile(values, 0.5)
