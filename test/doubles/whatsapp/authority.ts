import { Curve, proto } from '@whiskeysockets/baileys'

const VALID_SECONDS = 86_400

/**
 * The chain that the client demands in the handshake: root → intermediate → the server's own key. The client knows the root by
 * `WA_CERT_DETAILS.PUBLIC_KEY`, which a process that talks to this server replaces by `rootPublicKey`.
 */
export const makeAuthority = () => {
  const root = Curve.generateKeyPair()
  const intermediate = Curve.generateKeyPair()
  const now = Math.floor(Date.now() / 1000)

  const certificate = (serial: number, issuerSerial: number, key: Uint8Array, signer: Uint8Array) => {
    const details = proto.CertChain.NoiseCertificate.Details.encode({
      serial,
      issuerSerial,
      key,
      notBefore: now - 60,
      notAfter: now + VALID_SECONDS,
    }).finish()
    return { details, signature: Curve.sign(signer, details) }
  }

  return {
    rootPublicKey: Buffer.from(root.public),
    chainFor: (serverKey: Uint8Array): Uint8Array =>
      proto.CertChain.encode({
        intermediate: certificate(1, 0, intermediate.public, root.private),
        leaf: certificate(2, 1, serverKey, intermediate.private),
      }).finish(),
  }
}
