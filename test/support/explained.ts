import { Kysely, PostgresDialect, type CompiledQuery } from 'kysely'
import { escapeLiteral, Pool, type PoolClient } from 'pg'
import { z } from 'zod'
import { mayBeNamed } from '../../src/database/named.ts'

const number = z.number().default(0)
const planNode = z.object({
  'Node Type': z.string(),
  'Relation Name': z.string().optional(),
  'Index Name': z.string().optional(),
  'Actual Rows': number,
  'Actual Loops': number,
  'Rows Removed by Filter': number,
  'Rows Removed by Index Recheck': number,
  'Shared Hit Blocks': number,
  'Shared Read Blocks': number,
  get Plans() {
    return z.array(planNode).default([])
  },
})
type PlanNode = z.output<typeof planNode>
const answer = z.array(
  z.object({ 'QUERY PLAN': z.array(z.object({ Plan: planNode, 'Execution Time': z.number() })) }),
)

/** What one statement did. */
export type Explained = {
  readonly sql: string
  /** Tables that were read from end to end. */
  readonly scanned: readonly string[]
  readonly indexes: readonly string[]
  /** Rows that were looked at, those thrown away included. */
  readonly rows: number
  /** Pages of 8 KiB that were touched. */
  readonly pages: number
  readonly ms: number
  readonly shape: string
}

const nodesOf = (node: PlanNode): PlanNode[] => [node, ...node.Plans.flatMap(nodesOf)]
const shapeOf = (node: PlanNode, depth = 0): string =>
  [
    `${'  '.repeat(depth)}${node['Node Type']} ${node['Index Name'] ?? node['Relation Name'] ?? ''} ` +
      `rows=${node['Actual Rows']} loops=${node['Actual Loops']} removed=${node['Rows Removed by Filter']}`,
    ...node.Plans.map(child => shapeOf(child, depth + 1)),
  ].join('\n')

const explain = (sql: string, plan: PlanNode, ms: number): Explained => {
  const nodes = nodesOf(plan)
  const leaves = nodes.filter(node => node['Relation Name'] !== undefined)
  return {
    sql,
    scanned: leaves.filter(node => node['Node Type'] === 'Seq Scan').map(node => node['Relation Name'] ?? ''),
    indexes: nodes.flatMap(node => node['Index Name'] ?? []),
    rows: leaves.reduce(
      (sum, node) =>
        sum +
        node['Actual Loops'] *
          (node['Actual Rows'] + node['Rows Removed by Filter'] + node['Rows Removed by Index Recheck']),
      0,
    ),
    pages: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'],
    ms,
    shape: shapeOf(plan),
  }
}

/** A parameter as it stands in `execute`, where the server knows its type. */
const literal = (value: unknown): string => {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return escapeLiteral(`{${value.map(one => JSON.stringify(one)).join(',')}}`)
  if (value instanceof Date) return escapeLiteral(value.toISOString())
  return escapeLiteral(typeof value === 'object' ? JSON.stringify(value) : String(value as string | number))
}

/**
 * The statement under EXPLAIN ANALYZE. `generic`: with the plan that the server makes for a named statement without
 * looking at its parameters, the worst that a statement which comes again can get.
 */
const explainOn = async (client: PoolClient, { sql, parameters }: CompiledQuery, generic: boolean) => {
  const how = 'explain (analyze, buffers, format json)'
  if (!generic) return client.query(`${how} ${sql}`, [...parameters])
  await client.query('set plan_cache_mode = force_generic_plan')
  await client.query(`prepare asked as ${sql}`)
  try {
    const values = parameters.length > 0 ? `(${parameters.map(literal).join(', ')})` : ''
    return await client.query(`${how} execute asked${values}`)
  } finally {
    await client.query('deallocate asked')
    await client.query('reset plan_cache_mode')
  }
}

/** A database that remembers each statement with its parameters, and has it explained afterwards. */
export const openExplained = (url: string) => {
  const pool = new Pool({ connectionString: url, max: 4 })
  let asked: CompiledQuery[] = []
  const db = new Kysely<unknown>({
    dialect: new PostgresDialect({ pool }),
    log: event => {
      if (event.level === 'query') asked.push(event.query)
    },
  })
  return {
    db,
    /** Every statement that `work` runs, each run once more under EXPLAIN ANALYZE, generic if it may be named. */
    explained: async (work: () => Promise<unknown>): Promise<Explained[]> => {
      asked = []
      await work()
      const client = await pool.connect()
      const found: Explained[] = []
      try {
        for (const query of asked) {
          const { rows } = await explainOn(client, query, mayBeNamed(query.sql))
          const [plan] = answer.parse(rows)[0]?.['QUERY PLAN'] ?? []
          if (plan) found.push(explain(query.sql, plan.Plan, plan['Execution Time']))
        }
      } finally {
        client.release()
      }
      return found
    },
    close: () => db.destroy(),
  }
}
export type ExplainedDatabase = ReturnType<typeof openExplained>
