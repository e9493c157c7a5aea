/** What S3's reference calls the requests that are understood here. */
export type S3Operation =
  | 'HeadObject'
  | 'GetObject'
  | 'PutObject'
  | 'CopyObject'
  | 'DeleteObject'
  | 'ListObjectsV2'
  | 'CreateMultipartUpload'
  | 'UploadPart'
  | 'CompleteMultipartUpload'
  | 'AbortMultipartUpload'
  | 'ListMultipartUploads'

/** Trouble on command. */
export type S3Fault =
  /** Refused; with `in200` as an error in an answer that began well. */
  | { readonly kind: 'error'; readonly status: number; readonly code: string; readonly in200?: boolean }
  /** Nothing is done, and the connection ends. */
  | { readonly kind: 'cut' }
  /** All is done, and the connection ends instead of an answer. */
  | { readonly kind: 'lost-answer' }
  /** Half of the answer's bytes come; then the connection ends, or nothing more comes. */
  | { readonly kind: 'half'; readonly rest: 'cut' | 'silence' }
  | { readonly kind: 'silence' }

export type S3Object = { readonly bytes: Buffer; readonly type: string; readonly at: number }
export type S3Upload = {
  readonly key: string
  readonly type: string
  readonly at: number
  readonly parts: Map<number, { readonly bytes: Buffer; readonly tag: string }>
}
export type S3Reply = {
  readonly status: number
  readonly headers?: Readonly<Record<string, string | number>>
  readonly body?: Buffer | string
}
export type S3Request = {
  readonly operation: S3Operation
  readonly key: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Buffer
}
