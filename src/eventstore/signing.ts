import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'

/** The installation's key for roots: Ed25519; the private half as PKCS 8, the public as SPKI, both base64. */
export type SigningKey = { readonly privateKey: string; readonly publicKey: string }

export const makeSigningKey = (): SigningKey => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return {
    privateKey: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
    publicKey: publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
  }
}

export const signHash = (key: SigningKey, hash: string): string => {
  const privateKey = createPrivateKey({
    key: Buffer.from(key.privateKey, 'base64'),
    format: 'der',
    type: 'pkcs8',
  })
  return sign(null, Buffer.from(hash), privateKey).toString('base64')
}

/** Whether the key's owner signed the hash. A key or signature that is none is no signature. */
export const isSigned = (publicKey: string, hash: string, signature: string): boolean => {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' })
    return verify(null, Buffer.from(hash), key, Buffer.from(signature, 'base64'))
  } catch {
    return false
  }
}
