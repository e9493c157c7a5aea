/**
 * The vault keeps what no log can rebuild: password hashes, refresh tokens, encryption keys, channel credentials, and
 * the two directories that answer before a tenant is known. Durable when a write resolves, in both implementations
 * (lmdb under `DATA_DIR`, Postgres tables). Values are text and are encrypted at rest with `SECRET_KEY`.
 */
export type VaultWrite =
  | { readonly put: readonly [space: VaultSpace, key: string, value: string] }
  | { readonly remove: readonly [space: VaultSpace, key: string] }

/** The drawers of the vault. Keys inside them are `companyId/…` wherever a tenant is known. */
export const VAULT_SPACES = [
  /** `companyId/subjectId` → data key of a person (base64). Removing it erases the person. */
  'data-keys',
  /** `companyId/subjectId` → when the subject was erased (ISO 8601): no key is made for it again. */
  'erased',
  /** `companyId` → tenant secret (base64) under which ids are derived from phone numbers. */
  'tenant-keys',
  /** e-mail in lower case → JSON `[{companyId, userId}]`. */
  'emails',
  /** session id → company id. */
  'session-directory',
  /** `companyId/userId` → argon2id hash. */
  'passwords',
  /** token family id → JSON. */
  'refresh-tokens',
  /** `companyId/sessionId` → JSON of the channel's credentials. */
  'session-secrets',
  /** `companyId/sessionId/…` → keys and journals of channels that change with every message (Signal sessions of Baileys). */
  'channel-keys',
  /** `companyId/sessionId` → fence of the owner who alone may write the session's channel keys. */
  'channel-fences',
  /** `companyId/sessionId` → JSON of what the session's channel last said of it, and when. */
  'channel-looks',
  /** `companyId/sessionId` → JSON of when it was last seen connected, and by which owner. */
  'life-signs',
  /** session id → JSON of the number for which a pairing code is asked, until the session's owner has taken it. */
  'pairing-requests',
  /** `companyId/sessionId/id` → JSON of what was said of a message that has not come yet; for a day at most. */
  'early-actions',
  /** `companyId/uploadId` → JSON of a file that waits for the message that carries it. */
  'uploads',
  /** name of a reaction → position up to which it has seen the log. */
  'checkpoints',
  /** Names of this installation → value: first run, signing keys, schema of the vault itself. */
  'installation',
] as const
export type VaultSpace = (typeof VAULT_SPACES)[number]

export type Vault = {
  readonly name: 'embedded' | 'postgres'
  get(space: VaultSpace, key: string): Promise<string | null>
  /** Several values of one space at once; what was never written is missing in the answer. */
  getMany(space: VaultSpace, keys: readonly string[]): Promise<Map<string, string>>
  /** Writes unless the key exists; answers whether it wrote. Two at once: exactly one gets `true`. */
  create(space: VaultSpace, key: string, value: string): Promise<boolean>
  /** All of them or none. */
  write(writes: readonly VaultWrite[]): Promise<void>
  /** All of them or none, and none unless `guard` is there with exactly this value; answers whether it wrote. */
  writeIf(
    guard: readonly [space: VaultSpace, key: string, value: string],
    writes: readonly VaultWrite[],
  ): Promise<boolean>
  /**
   * Reads, changes and writes one key with nobody in between. `change` is pure and may run more than once; answering
   * `undefined` leaves it as it is, `null` removes it. Resolves with what is there afterwards.
   */
  update(
    space: VaultSpace,
    key: string,
    change: (current: string | null) => string | null | undefined,
  ): Promise<string | null>
  /** Keys with the prefix, in order. */
  keys(space: VaultSpace, prefix: string): Promise<string[]>
  close(): Promise<void>
}
