/**
 * The import law: who may know whom. The tree is the way of a message, and the arrows run one way; everyone may import
 * `shared` and the types of `events`. Tests, and the contract suites that they share, may import anything.
 */
const TESTS = '(\\.test\\.tsx?$|(^|[/.])contract[^/]*\\.ts$|/contract/|/testing/)'
const TYPE_ONLY = 'type-only'
/** What of the store is pure: its shapes and errors, the names of streams, the codec. No implementation, no I/O. */
const STORE_PORT = [
  'eventstore/port.ts',
  'eventstore/streams.ts',
  'eventstore/codec.ts',
  'eventstore/heads.ts',
  'eventstore/roots.ts',
  'eventstore/signing.ts',
  'eventstore/verify.ts',
]
/** Zod schemas that are values and types at once: routes validate and document with them. */
const SCHEMAS = ['events', 'realtime/protocol.ts']

/** A room of src may import only the named other rooms (and shared, itself, and types of events). */
const room = (name, { may = [], types = [], comment }) => {
  const values = ['shared', name, ...may].map(other =>
    other.endsWith('.ts') ? other.replace('.', '\\.') + '$' : `${other}/`,
  )
  const typed = ['events', ...types].map(other =>
    other.endsWith('.ts') ? other.replace('.', '\\.') + '$' : `${other}/`,
  )
  const from = { path: `^src/${name}/`, pathNot: TESTS }
  return [
    {
      name: `${name}-knows`,
      severity: 'error',
      comment,
      from,
      to: { path: '^(src|ui)/', pathNot: `^src/(${[...values, ...typed].join('|')})` },
    },
    {
      name: `${name}-knows-by-type`,
      severity: 'error',
      comment: `${comment} From ${typed.map(path => path.replace(/[\\$/]/g, '')).join(', ')} it may take types only (import type).`,
      from,
      to: {
        path: `^src/(${typed.join('|')})`,
        pathNot: `^src/(${values.join('|')})`,
        dependencyTypesNot: [TYPE_ONLY],
      },
    },
  ]
}

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Two files that need each other are one concept, or hide a third that both should import.',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: [TYPE_ONLY] } },
    },
    {
      name: 'resolvable',
      severity: 'error',
      comment:
        'An import that leads nowhere fails when that line is first reached, which may be in production.',
      from: { path: '^(src|ui/src)/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'production-packages',
      severity: 'error',
      comment: 'The server runs with production packages only; what it imports must not be a devDependency.',
      from: { path: '^src/', pathNot: TESTS },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: [TYPE_ONLY] },
    },
    {
      name: 'tests-stay-out',
      severity: 'error',
      comment: 'Nothing that runs in production may import a test, a double or a benchmark.',
      from: { path: '^(src|ui/src)/', pathNot: TESTS },
      to: { path: '(\\.test\\.tsx?$|^test/|^bench/)' },
    },
    {
      name: 'shared-knows',
      severity: 'error',
      comment: 'shared is at the bottom: it imports nothing of ours, so that everybody may import it.',
      from: { path: '^src/shared/', pathNot: TESTS },
      to: { path: '^(src|ui)/', pathNot: '^src/shared/' },
    },
    {
      name: 'events-knows',
      severity: 'error',
      comment: 'events is the vocabulary: a leaf. Facts outlive every part that reads or writes them.',
      from: { path: '^src/events/', pathNot: TESTS },
      to: { path: '^(src|ui)/', pathNot: '^src/(events|shared)/' },
    },
    ...room('eventstore', {
      may: ['events'],
      comment: 'eventstore is the memory: it keeps facts and knows nothing of what they mean to anybody.',
    }),
    ...room('backup', {
      may: ['eventstore', 'vault', 'config-settings.ts'],
      comment:
        'backup copies what no log can rebuild: it knows how the embedded store and vault lie on the disk, and nothing of what is in them.',
    }),
    ...room('actors', {
      may: ['events', ...STORE_PORT],
      types: ['providers/provider.ts', 'snapshots/port.ts'],
      comment:
        'actors decide from facts alone; stores and providers are handed in. They never import commands: the arrows run one way.',
    }),
    ...room('commands', {
      may: ['actors', 'events', ...STORE_PORT],
      types: ['providers/provider.ts', 'media/uploads.ts'],
      comment:
        'commands say what may be asked, in terms of actors and events; who asks (http, sockets, jobs) is not their concern.',
    }),
    ...room('projections', {
      may: ['events', 'database', 'realtime/protocol.ts'],
      types: ['eventstore/port.ts', 'eventstore/codec.ts'],
      comment: 'projections turn facts into rows and patches; they believe what they read and ask nobody.',
    }),
    ...room('reactions', {
      may: [
        'actors',
        'commands',
        'events',
        ...STORE_PORT,
        'jobs/port.ts',
        'jobs/lease.ts',
        'media/port.ts',
        'media/take-in.ts',
      ],
      types: ['providers/provider.ts', 'projections/read-models.ts'],
      comment:
        'reactions follow facts: they know what actors and commands are called, and no implementation of a store, a queue or a channel: those doors are handed in.',
    }),
    ...room('timers', {
      may: ['events', 'commands/define.ts'],
      types: ['jobs/lease.ts', 'projections/read-models.ts'],
      comment: 'timers ask, they never write facts: the command door is handed in.',
    }),
    ...['jobs', 'providers', 'vault', 'media', 'snapshots', 'telemetry', 'database'].flatMap(name =>
      room(name, {
        comment: `${name} is an outside thing behind a port: it knows shared only, so that it can be replaced whole.`,
      }),
    ),
    ...room('realtime', {
      may: ['events'],
      types: ['projections/read-models.ts'],
      comment:
        'realtime carries rows and patches to browsers: it knows the wire, the rooms and who is allowed, not where rows come from.',
    }),
    ...room('http', {
      may: ['commands', 'projections', 'realtime/rooms.ts', 'vault', 'media', 'telemetry', ...SCHEMAS],
      types: ['providers/provider.ts', 'config.ts'],
      comment:
        'http translates requests into commands and queries; it never reaches past them to actors, stores or tables.',
    }),
    {
      name: 'main-is-the-root',
      severity: 'error',
      comment: 'main wires everybody together and nobody imports it: what is needed elsewhere is handed in.',
      from: { path: '^(src|ui/src)/', pathNot: TESTS },
      to: { path: '^src/main\\.ts$' },
    },
    {
      name: 'ui-knows',
      severity: 'error',
      comment:
        'The UI shares with the server only the types of its API (http/app) and of the wire (realtime/protocol).',
      from: { path: '^ui/src/', pathNot: TESTS },
      to: { path: '^src/', pathNot: '^src/(http/app|realtime/protocol)\\.ts$' },
    },
    {
      name: 'ui-knows-by-type',
      severity: 'error',
      comment:
        'Types cost the browser nothing; a value imported from the server brings the server along (import type).',
      from: { path: '^ui/src/', pathNot: TESTS },
      to: { path: '^src/', dependencyTypesNot: [TYPE_ONLY] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '\\.css$' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'],
    },
  },
}
